import '../sdk/register.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
const { Bench, table } = await import('lockflight/testing');
const { validator } = await import('../{{script}}');

const failed = values => {
  const inputs = { table: table({ mass: ['float64', values] }) };
  return Number(new Bench(validator, { column: 'mass' }, inputs).run().findings[0].failed);
};

test('negative values fail and nulls do not', () => {
  assert.equal(failed([1, null, -1]), 1);
  assert.equal(failed([1, null, 0]), 0);
});
