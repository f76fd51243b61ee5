import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closest, decodeUtf8, fold, singleEdit } from '../text.js';

const octets = text => String.fromCharCode(...new TextEncoder().encode(text));

test('UTF-8 of one to four bytes', () => {
  for (const text of ['', 'Adelie', 'Ä', 'ß\u07ff', '\u0800€\uffff', '😀\u{10ffff}', 'a\u0000ü€😀z']) assert.equal(decodeUtf8(octets(text)), text);
});

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

test('the nearest name, or all of them', () => {
  assert.equal(closest('Species', ['island', 'species']), 'did you mean "species"?');
  assert.equal(closest('speces', ['island', 'species']), 'did you mean "species"?');
  assert.equal(closest('max', ['columns', 'max-distinct']), 'did you mean "max-distinct"?');
  assert.equal(closest('x', ['a', 'b']), 'there is: a, b');
  assert.equal(closest('x', []), null);
});
