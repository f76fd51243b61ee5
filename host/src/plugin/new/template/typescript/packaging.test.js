import '../sdk/register.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
const { Bench } = await import('lockflight/testing');
const { packager } = await import('../{{script}}');

test('the model is packed and nothing else', () => {
  const parts = { document: 'd', lineage: '{}', model: '{}', 'step-1.scorer': 'scorer', 'step-1.state': 'state' };
  const { layers } = new Bench(packager, { title: 'Birds' }, parts).run();
  assert.deepEqual(layers.map(layer => layer.annotations['dev.lockflight.part']), ['document', 'scorer', 'state']);
});
