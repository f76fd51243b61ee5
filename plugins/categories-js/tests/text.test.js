import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fold, singleEdit } from '../text.js';

test('folding leaves case, white space and the form of accents aside', () => {
  assert.equal(fold('  New\u00a0\t York '), 'new york');
  assert.equal(fold('E\u0301'), fold('é'));
  assert.notEqual(fold('a b'), fold('ab'));
});

test('single edits', () => {
  for (const [left, right, characters] of [
    ['Adelie', 'Adellie', ['l']], ['Adelie', 'delie', ['A']], ['Adelie', 'Adelia', ['e', 'a']], ['Adelie', 'Adleie', ['e', 'l', 'l', 'e']], ['x😀', 'x', ['😀']],
  ]) {
    assert.deepEqual(singleEdit(left, right), characters);
    assert.notEqual(singleEdit(right, left), null);
  }
  for (const [left, right] of [['same', 'same'], ['abcd', 'abxy'], ['ab', 'abcd'], ['abc', 'cba'], ['aXbYc', 'abc'], ['abcd', 'bcda']]) {
    assert.equal(singleEdit(left, right), null, `${left} ${right}`);
    assert.equal(singleEdit(right, left), null);
  }
});
