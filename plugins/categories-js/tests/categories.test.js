import '../../../sdk/typescript/register.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
const { Pairs, Tally, flaws } = await import('../categories.js');

const SETTINGS = { 'typo-ratio': 0.05, 'rare-below': 0.01 };

/** The flaws of values given as [text, count], as lists of texts. */
function flawsOf(counts, settings = SETTINGS) {
  const tally = new Tally(200);
  let row = 0;
  for (const [text, count] of counts) for (let i = 0; i < count; i++) tally.add(text, row++);
  return Object.fromEntries(Object.entries(flaws(tally, settings)).map(([kind, found]) => [kind, found.map(({ entry, of }) => [entry.text, of?.text])]));
}

test('the most frequent spelling is the one that counts', () => {
  const { variants } = flawsOf([['adelie', 3], ['Adelie', 90], [' Adelie', 2], ['Gentoo', 5]]);
  assert.deepEqual(variants, [['adelie', 'Adelie'], [' Adelie', 'Adelie']]);
});

test('a typo is rare beside what it is a typo of', () => {
  assert.deepEqual(flawsOf([['Torgersen', 40], ['Torgerson', 2]]).typos, [['Torgerson', 'Torgersen']]);
  assert.deepEqual(flawsOf([['Torgersen', 40], ['Torgerson', 3]]).typos, []);
});

test('all spellings of a category count against its typos', () => {
  const { typos } = flawsOf([['Torgersen', 21], ['TORGERSEN', 19], ['torgerson', 2]]);
  assert.deepEqual(typos, [['torgerson', 'Torgersen']]);
});

test('short codes and numbers are not typos', () => {
  assert.deepEqual(flawsOf([['DEU', 900], ['DEN', 1], ['Cohort 1', 900], ['Cohort 2', 1]]).typos, []);
});

test('a value has one flaw at most', () => {
  const { variants, typos, rare } = flawsOf([['Biscoe', 500], ['biscoe', 1], ['Biscow', 1], ['Dream', 1], ['DREAM', 1]]);
  assert.deepEqual(variants, [['Dream', 'DREAM'], ['biscoe', 'Biscoe']]);
  assert.deepEqual(typos, [['Biscow', 'Biscoe']]);
  assert.deepEqual(rare, [['DREAM', undefined]]);
});

test('a share of 0 looks for nothing', () => {
  const found = flawsOf([['Biscoe', 500], ['Biscow', 1]], { 'typo-ratio': 0, 'rare-below': 0 });
  assert.deepEqual([found.typos, found.rare], [[], []]);
});

test('a full tally keeps counting rows alone', () => {
  const tally = new Tally(2);
  ['a', 'b', 'c', 'd', 'a'].forEach((value, row) => tally.add(value, row));
  assert.deepEqual([tally.full, tally.rows, tally.values.size], [true, 5, 3]);
});

test('pairs that contradict the usual one', () => {
  const pairs = new Pairs(100);
  [['Gentoo', 'Biscoe'], ['Gentoo', 'Dream'], ['Gentoo', 'Biscoe'], ['Adelie', 'Dream']].forEach(([a, b], row) => pairs.add(a, b, row));
  const [{ entry, of }, ...others] = pairs.contradictions();
  assert.deepEqual([entry.text, entry.count, entry.rows, of.text, others], ['Gentoo / Dream', 1, [1], 'Biscoe', []]);
});

test('pairs stop at their limit', () => {
  const pairs = new Pairs(2);
  for (let row = 0; row < 5; row++) pairs.add(`a${row}`, 'b', row);
  assert.deepEqual([pairs.full, pairs.rows, pairs.size], [true, 5, 3]);
});
