import '../sdk/register.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
const { Bench, table } = await import('lockflight/testing');
const { deployer } = await import('../{{script}}');

const decided = (value, count, versions = ['1', '2']) => {
  const arms = table({ version: ['text', versions], weight: ['float64', versions.map(() => 1)] });
  const figures = table({
    version: ['text', ['2']], metric: ['text', ['latency']], slice: ['text', [null]], span: ['uint64', [0n]], value: ['float64', [value]],
    count: ['uint64', [BigInt(count)]],
  });
  return new Bench(deployer, { metric: 'latency', maximum: 0.05 }, { arms, figures }).run().action.tag;
};

test('the figure decides', () => {
  assert.equal(decided(0.04, 100), 'promote');
  assert.equal(decided(0.04, 99), 'shift');
  assert.equal(decided(0.2, 1), 'roll-back');
});

test('the first version gets everything', () => {
  assert.equal(decided(0.2, 1, ['1']), 'promote');
});
