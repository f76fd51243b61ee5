import '../sdk/register.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
const { Bench, scoreWith, table } = await import('lockflight/testing');
const { trainer } = await import('../{{script}}');

const fit = values => new Bench(trainer, { column: 'mass' }, { table: table({ mass: ['float64', values] }) }).run();

test('the mean is taken away', () => {
  const { step } = fit([1, null, 4]);
  assert.deepEqual(scoreWith(step, { mass: [1, null, 4.5] }), { mass_centred: [-1.5, null, 2] });
});

test('of no value there is no mean', () => {
  assert.throws(() => fit([null]), /has no value/);
});
