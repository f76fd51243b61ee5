import '../sdk/register.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
const { Bench, written } = await import('lockflight/testing');
const { ingester } = await import('../{{script}}');

const read = text => written(new Bench(ingester, { column: 'mass' }, { file: text }).run()[0]);

test('every line with a number is a row', () => {
  assert.deepEqual(read('1.5\n\n-2\n'), { mass: [1.5, -2] });
  assert.deepEqual(read(''), { mass: [] });
});

test('what is no number is told with its line', () => {
  assert.throws(() => read('1\nmuch\n'), /line 2/);
});
