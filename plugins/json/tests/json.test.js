import '../../../sdk/typescript/register.js';
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
const { Bench, written } = await import('lockflight/testing');
const { ingester } = await import('../app.ts');
const { fault } = await import('../fault.ts');

const bench = (text, config = {}) => new Bench(ingester, config, { file: text });
const read = (text, config) => {
  const [output] = bench(text, config).run();
  return { types: Object.fromEntries(output.content.writer.schema.fields.map(({ name, type }) => [name, type])), columns: written(output) };
};

/** What a config makes `check` say, as [place, message, help]. */
function problems(config) {
  try {
    bench('[]', config).check();
  } catch (error) {
    return error.problems.map(({ place, message, help }) => [place.val, message, help]);
  }
  return [];
}

// Each case is a folder: the input, the config, and the table or the message expected.
for (const name of readdirSync(new URL('cases/', import.meta.url))) {
  test(`case ${name}`, () => {
    const file = part => readFileSync(new URL(`cases/${name}/${part}`, import.meta.url), 'utf8');
    const { config, types, columns, error } = JSON.parse(file('expected.json'));
    if (error !== undefined) {
      assert.throws(() => read(file('input'), config), { message: error });
      return;
    }
    const found = read(file('input'), config);
    const plain = JSON.parse(JSON.stringify(found, (_, value) => typeof value === 'bigint' ? Number(value) : value));
    assert.deepEqual(plain, { types, columns });
  });
}

test('check says the columns before the run, and nothing of what is yet to be made', () => {
  const [port] = bench('{"a":1}\n{"a":2.5,"b":"x"}').check();
  assert.deepEqual(port.schema.fields.map(({ name, type }) => [name, type]), [['a', 'float64'], ['b', 'text']]);
  const [later] = new Bench(ingester, {}, { file: { kind: 'blob', schema: null } }).check();
  assert.equal(later.schema, null);
});

test('every mistake in a config is reported', () => {
  assert.deepEqual(problems({ fromat: 'lines', nested: 'txt', 'infer-rows': 0 }), [
    ['/fromat', 'there is no key "fromat"', 'did you mean "format"?'],
    ['/infer-rows', '`infer-rows` has to be a whole number from 1 up', null],
    ['/nested', '`nested` has to be `text` or `error`', 'did you mean "text"?'],
  ]);
  assert.deepEqual(problems({ columns: { a: 'flaot64', 'b/c': { type: 'bytes' } } }), [
    ['/columns/a', 'there is no type "flaot64"', 'did you mean "float64"?'],
    ['/columns/b~1c/type', 'JSON holds no bytes', 'read it as text'],
  ]);
});

test('many records come in several batches, and later ones have to fit', () => {
  const lines = Array.from({ length: 20000 }, (_, n) => `{"n":${n},"t":"ä${n}"}`);
  const { columns } = read(lines.join('\n'), { 'infer-rows': 5 });
  assert.deepEqual([columns.n.length, columns.n[19999], columns.t[8192]], [20000, 19999n, 'ä8192']);
  lines[15000] = '{"n":0.5,"t":""}';
  assert.throws(() => read(lines.join('\n'), { 'infer-rows': 5 }), { message: 'line 15001: "n" has to be int64, and is 0.5' });
  lines[15000] = '{"n":1,"nn":""}';
  assert.throws(() => read(lines.join('\n'), { 'infer-rows': 5 }), /^Error: line 15001: "nn" is no column \(is "n" meant\?\)/);
});

test('what is no JSON is shown with its place', () => {
  for (const [text, offset, message] of [
    ['{"a":1,}', 7, 'a key in double quotes is missing, there is "}"'], ['{"a" 1}', 5, 'a colon is missing behind a key, there is "1"'],
    ['{"a":01}', 5, 'a value is missing, there is "0"'], ['{"a":[1 2]}', 8, 'a comma or ] is missing, there is "2"'], ['{"a":"b', 7, 'a text does not end'],
    ['{"a":"\\x"}', 6, 'there is no such escape'], ['{"a":"\n"}', 6, 'a line end or control character stands in a text'], ['{} {}', 3, 'something stands behind the end of the record'],
    ['{"a":NaN}', 5, 'a value is missing, there is "N"'], ['', 0, 'a value is missing, there is the end'],
  ]) {
    assert.throws(() => JSON.parse(text), text);
    assert.deepEqual(fault(text), { offset, message }, text);
  }
});

test('no text that JSON.parse takes has a fault of its own', () => {
  for (const text of ['{}', '[]', '{"a":[{},{"b":-1.5e-3}],"c":"\\u00e4\\n","d":null,"e":true}', ' { "a" : [ ] } ', '0', '"x"']) {
    JSON.parse(text);
    assert.equal(fault(text).message, 'this is not JSON', text);
  }
});
