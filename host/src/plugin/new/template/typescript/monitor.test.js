import '../sdk/register.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
const { Bench, table } = await import('lockflight/testing');
const { monitorer } = await import('../{{script}}');

const verdict = values => {
  const inputs = { window: table({ mass: ['float64', values] }) };
  return new Bench(monitorer, { column: 'mass', limit: 0.25 }, inputs).run().verdict;
};

test('a share above the limit fails', () => {
  assert.equal(verdict([1, null, null, 2]), 'fail');
  assert.equal(verdict([1, null, 3, 2]), 'pass');
});

test('of no rows nothing is known', () => {
  assert.equal(verdict([]), 'inconclusive');
});
