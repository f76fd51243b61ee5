import '../../../sdk/typescript/register.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
const { Bench, table } = await import('lockflight/testing');
const { validator } = await import('../app.js');

const many = (value, count) => new Array(count).fill(value);
const PENGUINS = {
  species: [...many('Adelie', 60), null, 'adelie', ...many('Gentoo', 40), 'Gentooo'],
  island: [...many('Dream', 60), null, 'Dream', ...many('Biscoe', 41)],
};

/** A job with a column `n` of numbers and text columns {name: values}. */
function bench(config, texts = PENGUINS, known = true) {
  const rows = Object.values(texts)[0]?.length ?? 0;
  const columns = { n: ['float64', many(0, rows)], ...Object.fromEntries(Object.entries(texts).map(([name, values]) => [name, ['text', values]])) };
  return new Bench(validator, config, { table: table(columns) }, { known });
}

/** What `check` says, as [place, message, help]. */
function problems(config, known = true) {
  try {
    bench(config, PENGUINS, known).check();
  } catch (error) {
    return error.problems.map(({ place, message, help }) => [place.val, message, help]);
  }
  return [];
}

const run = (config, texts) => bench(config, texts).run().findings;

test('good configs', () => {
  assert.deepEqual(problems({}), []);
  assert.deepEqual(problems({ 'columns': ['island'], 'max-distinct': 2, 'typo-ratio': 0, 'rare-below': 1, 'determines': [['species', 'island']], 'warn-above': 0.1, 'fail-above': 1 }), []);
});

test('every mistake in a config is reported', () => {
  const config = { 'collumns': [], 'columns': [], 'determines': [['a']], 'fail-above': 2, 'max-distinct': 1.5, 'rare-below': '1', 'typo-ratio': null, 'warn-above': true };
  assert.deepEqual(problems(config).map(([place]) => place), ['/collumns', '/columns', '/determines/0', '/fail-above', '/max-distinct', '/rare-below', '/typo-ratio', '/warn-above']);
  assert.deepEqual(problems({ 'a/b~': 1 })[0][0], '/a~1b~0');
  assert.deepEqual(problems({ 'collumns': [] }), [['/collumns', 'there is no key "collumns"', 'did you mean "columns"?']]);
  assert.deepEqual(problems({ 'warn-above': 0.5 }).map(([place]) => place), ['/warn-above']);
  assert.deepEqual(problems({ 'columns': ['island', 'island'] }).map(([place]) => place), ['/columns']);
});

test('columns that do not fit the table', () => {
  assert.deepEqual(problems({ columns: ['Species', 'n'], determines: [['species', 'isle']] }), [
    ['/columns/0', 'the table has no column "Species"', 'did you mean "species"?'],
    ['/columns/1', 'column "n" does not hold text (its type is float64)', 'the text columns are: species, island'],
    ['/determines/0/1', 'the table has no column "isle"', 'there is: n, species, island'],
  ]);
  assert.deepEqual(problems({ columns: ['Species'] }, false), []);
  assert.throws(() => bench({ columns: ['Species'] }).raw('run'), thrown => thrown.tag === 'config' && thrown.val[0].place.val === '/columns/0');
});

test('the table is asked for', () => {
  assert.throws(() => new Bench(validator).raw('check'), thrown => thrown[0].place.tag === 'input' && thrown[0].place.val === 'table');
});

test('findings of every text column', () => {
  const findings = run({});
  assert.deepEqual(findings.map(({ subject, name, verdict }) => [subject, name, verdict]), [
    ['species', 'variants', 'warn'], ['species', 'typos', 'warn'], ['species', 'rare', 'pass'],
    ['island', 'variants', 'pass'], ['island', 'typos', 'pass'], ['island', 'rare', 'pass'],
  ]);
  assert.deepEqual(findings[0], {
    name: 'variants', subject: 'species', slice: null, verdict: 'warn', value: 1 / 102, limit: '<= 0', rows: 102, failed: 1,
    message: 'spelled differently: "adelie" (1 row, otherwise "Adelie")', input: 'table', examples: [61],
  });
  assert.deepEqual(findings[1].examples, [102]);
  assert.deepEqual([findings[3].examples, findings[3].message], [[], 'every value is spelled in one way']);
});

test('too large a share fails, and no more than twenty rows are examples', () => {
  const [variants] = run({ columns: ['a'] }, { a: [...many('x', 30), ...many('X', 25)] });
  assert.deepEqual([variants.verdict, variants.limit, variants.failed, variants.examples], ['fail', '<= 0.05', 25, many(0, 20).map((_, index) => 30 + index)]);
});

test('a column that decides another', () => {
  const found = run({ columns: ['island'], determines: [['species', 'island'], ['island', 'species']] }, {
    species: ['a', 'a', 'a', 'b', null], island: ['x', 'y', 'x', 'x', 'x'],
  }).filter(({ name }) => name === 'determines');
  assert.deepEqual(found.map(({ subject, rows, failed, examples }) => [subject, rows, failed, examples]), [['species, island', 4, 1, [1]], ['island, species', 4, 1, [3]]]);
  assert.equal(found[0].message, 'contradictions: "a / y" (1 row, otherwise "x")');
});

test('free text is left out, or inconclusive when it was asked for', () => {
  const free = { note: ['a', 'b', 'c'] };
  const job = bench({ 'max-distinct': 2 }, free);
  assert.deepEqual(job.run().findings, []);
  assert.match(job.lines[0][1], /free text/);
  assert.deepEqual(run({ 'columns': ['note'], 'max-distinct': 2 }, free).map(({ verdict, value, rows }) => [verdict, value, rows]), many(['inconclusive', null, 3], 3));
});

test('nothing to judge', () => {
  assert.deepEqual(run({}, { a: [null, null] }).map(({ verdict }) => verdict), many('inconclusive', 3));
  assert.deepEqual(run({}, {}), []);
});
