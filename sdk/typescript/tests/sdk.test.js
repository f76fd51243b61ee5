import '../register.js';
import assert from 'node:assert/strict';
import { test } from 'node:test';
const sdk = await import('lockflight');
const { Bench, scoreWith, table, written } = await import('lockflight/testing');
const { encode, packed } = await import('../src/encode.js');
const { unpacked } = await import('../src/columns.js');
const { jsonSchema } = await import('../src/config.js');
const { adopt, lend } = await import('../src/schema.js');
const { crc32, frame, unframe } = await import('../src/state.js');
const utf8 = await import('../src/utf8.js');
const { told } = await import('../src/worlds.js');
const { Action, Batch, BlobWriter, DataError, Field, InternalError, Observation, Port, Problem, Problems, Report, Schema, StepPorts, TableWriter, finding } = sdk;

const VALUES = {
  'bool': [true, null, false], 'int8': [-128, null, 127], 'uint8': [0, null, 255], 'int16': [-5, null, 5], 'uint16': [0, null, 65535], 'int32': [-5, null, 5],
  'uint32': [0, null, 2 ** 32 - 1], 'int64': [-(2n ** 63n), null, 2n ** 63n - 1n], 'uint64': [0n, null, 2n ** 64n - 1n], 'float32': [0.5, null, -1.5], 'float64': [0.1, null, 1e300],
  'text': ['', null, 'ä€😀'], 'bytes': [new Uint8Array(0), null, Uint8Array.of(255, 0)], 'date': [-1, null, 19782], 'timestamp[s]': [-1n, null, 5n], 'timestamp[ms]': [1n, null, 2n],
  'timestamp[us, UTC]': [1n, null, 2n], 'timestamp[ns, +02:00]': [1n, null, 2n],
};

function column(type, values, nullable = true) {
  const field = new Field('x', type, { nullable });
  return new Batch(new Schema([field]), 100, { rows: values.length, columns: encode(field, values) }).column('x');
}

test('bitmaps of every length', () => {
  for (let length = 0; length < 40; length++) {
    const flags = Array.from({ length }, (_, row) => row * 7 % 5 < 2);
    assert.deepEqual(Array.from(unpacked(packed(flags, flag => flag), length), Boolean), flags);
  }
  assert.deepEqual(packed([1, 0, 0, 0, 0, 0, 0, 0, 1, 1], Boolean), Uint8Array.of(1, 3));
});

test('every type comes back as it was written', () => {
  for (const [type, values] of Object.entries(VALUES)) {
    const many = new Array(9).fill(values).flat();
    assert.deepEqual(column(type, values).toArray(), values, type);
    assert.deepEqual(column(type, many).toArray(), many, type);
    assert.deepEqual(column(type, []).toArray(), []);
    assert.deepEqual([column(type, many).nullCount, column(type, many).nulls().slice(0, 2), column(type, values).present()], [9, [1, 4], Uint8Array.of(1, 0, 1)], type);
  }
});

test('every schema comes back', () => {
  const schema = new Schema([...Object.keys(VALUES), 'float32[3]', 'float64[1]'].map((type, at) => new Field(`c${at}`, type, { nullable: at % 2 === 0, metadata: { unit: 'g' } })), { k: 'v' });
  assert.deepEqual(adopt(lend(schema)), schema);
  for (const [type, format] of [['timestamp[s]', 'tss:'], ['timestamp[ms, UTC]', 'tsm:UTC'], ['timestamp[us]', 'tsu:'], ['timestamp[ns]', 'tsn:'], ['float32[3]', '+w:3'], ['date', 'tdD']]) assert.equal(new Field('x', type).format, format);
  for (const type of ['string', 'float32[0]', 'timestamp[m]', 'int32[3]']) assert.throws(() => new Field('x', type), /there is no type/);
  assert.throws(() => new Schema([new Field('x', 'bool'), new Field('x', 'text')]), /"x" is there twice/);
});

test('nulls are not forgotten', () => {
  const numbers = column('float64', [1, null, 3]);
  assert.deepEqual(numbers.filled(-1), Float64Array.of(1, -1, 3));
  assert.deepEqual(numbers.floats(), Float64Array.of(1, NaN, 3));
  assert.deepEqual(column('int64', [1n, null]).filled(7n), BigInt64Array.of(1n, 7n));
  assert.deepEqual(column('int64', [1n, null]).floats(), Float64Array.of(1, NaN));
  assert.throws(() => column('int8', [1, null]).required(), { message: 'column "x" has no value in row 101, counted from 0' });
  assert.throws(() => column('int8', [1, null]).filled(NaN), /cannot become NaN/);
  assert.throws(() => column('int8', [1, null]).filled(300), /cannot become 300/);
  assert.deepEqual([column('text', ['a', null]).filled('?'), column('bool', [null, true]).filled(false)], [['a', '?'], [false, true]]);
});

test('numbers without nulls are the host\'s memory, unless it is not aligned', () => {
  const values = Float64Array.of(1, 2), raw = { length: 2, validity: null, offsets: null, values: new Uint8Array(values.buffer) };
  const of = raw => new Batch(Schema.of({ x: 'float64' }), 0, { rows: 2, columns: [raw] }).number('x');
  for (const view of [of(raw).required(), of(raw).filled(0), of(raw).floats(), of(raw).masked().values]) assert.equal(view.buffer, values.buffer);
  const shifted = new Uint8Array(17);
  shifted.set(raw.values, 1);
  assert.deepEqual(of({ ...raw, values: shifted.subarray(1) }).required(), values);
});

test('vectors, and columns of another type', () => {
  const vectors = column('float32[2]', [[1, 2], null, [3, 4]]);
  assert.deepEqual(vectors.toArray(), [Float32Array.of(1, 2), null, Float32Array.of(3, 4)]);
  assert.deepEqual(vectors.flat(), Float32Array.of(1, 2, 0, 0, 3, 4));
  const batch = new Batch(Schema.of({ a: 'int8' }), 0, { rows: 2, columns: encode(new Field('a', 'int8'), [1, null]) });
  assert.throws(() => batch.column('b'), Problems);
  assert.throws(() => batch.text('a'), /column "a" is int8, and has to hold text/);
  assert.deepEqual(batch.records(), [{ a: 1 }, { a: null }]);
});

test('what is written', () => {
  const write = (type, values, nullable = true) => {
    const writer = new TableWriter(new Schema([new Field('x', type, { nullable })]));
    writer.write({ x: values });
    return written(sdk.table('t', writer)).x;
  };
  assert.deepEqual(write('date', [new Date('2024-02-29'), 0, undefined]), [19782, 0, null]);
  assert.deepEqual(write('timestamp[us]', [new Date(2), 5, 6n]), [2000n, 5n, 6n]);
  assert.deepEqual(write('timestamp[s]', [new Date(-1)]), [-1n]);
  assert.deepEqual(write('float64', Float64Array.of(1, 2)), [1, 2]);
  assert.deepEqual(write('text', column('text', ['a', null])), ['a', null]);
  for (const [type, values, message] of [['int8', [1, 300], /"x" \(int8\) cannot hold 300 of row 1/], ['int8', [1.5], /cannot hold 1.5 of row 0/], ['int64', [0.5], /cannot hold 0.5/], ['uint64', [-1], /cannot hold -1/],
    ['text', [1], /cannot hold 1 /], ['bool', ['a'], /cannot hold "a"/], ['float64', ['1'], /cannot hold "1"/], ['float32[2]', [[1]], /cannot hold \[1\]/], ['int16', column('int8', [1]), /given values of int8/]]) {
    assert.throws(() => write(type, values), message, type);
  }
  for (const values of [[1, null], column('int8', [1, null])]) assert.throws(() => write('int8', values, false), /declared without nulls and was given one in row 1/);
  const writer = new TableWriter(Schema.of({ a: 'int8', b: 'int8' }));
  assert.throws(() => writer.write({ a: [1] }), /columns are missing: b/);
  assert.throws(() => writer.write({ a: [1], b: [1], c: [1] }), /there are no columns: c/);
  assert.throws(() => writer.write({ a: [1], b: [1, 2] }), /different lengths: a 1, b 2/);
});

test('UTF-8 without the classes that QuickJS lacks', () => {
  for (const text of ['', 'Adelie', 'Ä', 'ß\u07ff', '\u0800€\uffff', '😀\u{10ffff}', 'a\u0000ü€😀z', 'x'.repeat(9000)]) {
    assert.deepEqual(utf8.encode(text), new TextEncoder().encode(text));
    assert.equal(utf8.decode(utf8.octets(new TextEncoder().encode(text))), text);
  }
  assert.deepEqual(utf8.encode('a\ud800b\udc00'), new TextEncoder().encode('a\ud800b\udc00'));
  assert.equal(utf8.decode('\xff'), undefined);
});

const INNER = sdk.object({ type: sdk.text(), size: sdk.integer({ min: 1, max: 9, default: 1 }) }, { check: ({ type }) => type === 'none' ? [Problem.config('/type', 'none is none')] : [] });
const CONFIG = sdk.object({
  column: sdk.text({ minLength: 1, description: 'The column.' }), share: sdk.number({ min: 0, max: 1, default: 0.5 }), above: sdk.number({ above: 0, default: 1 }),
  method: sdk.choice(['mad', 'iqr'], { default: 'mad' }), names: sdk.list(sdk.text(), { unique: true, maxLength: 3, default: [] }), maybe: sdk.integer().optional(),
  either: sdk.oneOf([sdk.boolean(), sdk.text()], { default: false }), pair: sdk.tuple([sdk.text(), sdk.integer()]).optional(), inner: sdk.map(INNER, { default: {} }), free: sdk.any().optional(),
});

/** A plugin that answers `run` with what `answer` makes of the job. */
const checks = (answer, config = sdk.object({ limit: sdk.number({ default: 0 }) })) => sdk.validate({ config, check: job => [job.input('table')].map(() => Port.table('table', Schema.of({ x: 'float64' }))), run: answer });
const config = value => new Bench(checks(job => job.config, CONFIG), value).run();

test('configs are read, with their defaults', () => {
  assert.deepEqual(config({ column: 'a' }), { column: 'a', share: 0.5, above: 1, method: 'mad', names: [], maybe: undefined, either: false, pair: undefined, inner: {}, free: undefined });
  const whole = { column: 'a', share: 1, above: 2, method: 'iqr', names: ['x'], maybe: 3, either: 's', pair: ['p', 1], inner: { k: { type: 't', size: 2 } }, free: [{}] };
  assert.deepEqual(config(whole), whole);
  config({ column: 'a' }).names.push('changed');
  assert.deepEqual(config({ column: 'a' }).names, []);
});

test('every mistake in a config is reported with its place', () => {
  const problems = value => {
    try {
      config(value);
    } catch (error) {
      return error.problems.map(({ place, message, help }) => [place.val, message, help]);
    }
    return [];
  };
  assert.deepEqual(problems({ colum: 1, share: 2, above: 0, method: 'mda', names: ['a', 'a'], maybe: true, either: 1, pair: ['p'], inner: { 'a/b': { size: 0, x: 1 } } }), [
    ['/colum', 'there is no key "colum"', 'did you mean "column"?'], ['', 'the key `column` is missing', 'it has to be a text that is not empty'],
    ['/share', '`share` has to be a number from 0 to 1', null], ['/above', '`above` has to be a number above 0', null], ['/method', '`method` has to be `mad` or `iqr`', 'did you mean "mad"?'],
    ['/names', '`names` has to be a list of at most 3 different values', null], ['/maybe', '`maybe` has to be a whole number', null], ['/either', '`either` has to be true or false or a text', null],
    ['/pair', '`pair` has to be a list of 2: a text, a whole number', null], ['/inner/a~1b/x', 'there is no key "x"', 'known are type, size'],
    ['/inner/a~1b', 'the key `type` is missing', 'it has to be a text'], ['/inner/a~1b/size', '`inner.a/b.size` has to be a whole number from 1 to 9', null],
  ]);
  assert.deepEqual(problems({ column: 'a', inner: { k: { type: 'none' } } }), [['/inner/k/type', 'none is none', null]]);
  assert.deepEqual(problems([]), [['', 'the config has to be a table', null]]);
});

test('the JSON Schema of a config', () => {
  const { properties, required, additionalProperties } = jsonSchema(CONFIG);
  assert.deepEqual([required, additionalProperties], [['column'], false]);
  assert.deepEqual(properties, {
    column: { type: 'string', minLength: 1, description: 'The column.' }, share: { type: 'number', minimum: 0, maximum: 1, default: 0.5 }, above: { type: 'number', exclusiveMinimum: 0, default: 1 },
    method: { enum: ['mad', 'iqr'], default: 'mad' }, names: { type: 'array', items: { type: 'string' }, maxItems: 3, uniqueItems: true, default: [] }, maybe: { type: 'integer' },
    either: { anyOf: [{ type: 'boolean' }, { type: 'string' }], default: false }, pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }], minItems: 2, maxItems: 2 },
    inner: { type: 'object', default: {}, additionalProperties: { type: 'object', additionalProperties: false, required: ['type'], properties: { type: { type: 'string' }, size: { type: 'integer', minimum: 1, maximum: 9, default: 1 } } } },
    free: {},
  });
  const bytes = told('validate', sdk.object({ k: sdk.any({ description: 'Grüße 😀' }) })), [mark, length, json] = utf8.octets(bytes).match(/^(lockflight config validate) (\d+) (.*)$/).slice(1);
  assert.deepEqual([mark, json.length, JSON.parse(json).properties.k.description], ['lockflight config validate', Number(length), 'Grüße 😀']);
});

const TABLE = table({ x: ['float64', [1, null, -1, 4]] });

test('findings and failures as the host gets them', () => {
  const run = (answer, settings) => {
    try {
      return new Bench(checks(answer), settings, { table: TABLE }).raw('run');
    } catch (thrown) {
      return thrown;
    }
  };
  const [found] = run(() => new Report([finding('a', 'b', { value: NaN, examples: Array.from({ length: 25 }, (_, row) => row) })])).findings;
  assert.deepEqual([found.value, found.examples.length, found.input], [null, 20, 'table']);
  assert.equal(run(() => new Report([finding('a', 'b')])).findings[0].input, null);
  assert.deepEqual(run(() => sdk.fail('line 3')), { tag: 'data', val: 'line 3' });
  assert.deepEqual(run(() => { throw new InternalError('oh'); }), { tag: 'internal', val: 'oh' });
  assert.deepEqual(run(() => { throw new Problems(Problem.file('f', 1, 2, 'm', 'h')); }), { tag: 'config', val: [{ place: { tag: 'file', val: { input: 'f', start: 1, end: 2 } }, message: 'm', help: 'h' }] });
  assert.ok(run(() => null.x) instanceof TypeError);
  assert.equal(run(() => new Report([]), { limt: 1 }).val[0].place.val, '/limt');
});

test('inputs that are not there', () => {
  for (const [inputs, place, message] of [[{}, undefined, 'the stage needs an input "table", and has none'], [{ tabel: TABLE }, 'tabel', 'the stage needs an input "table", and has tabel']]) {
    assert.throws(() => new Bench(checks(), {}, inputs).raw('check'), ([problem]) => problem.place.val === place && problem.message === message);
  }
  for (const [read, message] of [[job => job.table('file'), /this is a file; the stage needs a table here/], [job => job.blob('later'), /does not exist before the run/],
    [job => job.only('table'), /takes one table only/], [job => [...job.table().scan(['y'])], /has no column "y"/]]) {
    assert.throws(() => new Bench(checks(read), {}, { file: '', later: Port.table(''), table: TABLE }).run(), message);
  }
});

test('the rest of the job', () => {
  const bench = new Bench(checks(job => {
    sdk.log.warn('odd');
    sdk.progress(1, 2);
    sdk.metric('rounds', 3, { step: 1, labels: { fold: 'a' } });
    return [job.seed, job.time, job.state, job.partition];
  }), {}, {}, { seed: 7, time: 8, state: Uint8Array.of(1) });
  assert.deepEqual(bench.run(), [7, 8, Uint8Array.of(1), null]);
  assert.deepEqual([bench.lines, bench.metrics], [[['warn', 'odd']], [{ name: 'rounds', value: 3, step: 1, labels: { fold: 'a' } }]]);
});

test('blobs, whole, in parts and by lines', () => {
  const read = (file, get) => new Bench(checks(job => get(job.blob('file'))), {}, { file }).run();
  assert.deepEqual(read('abcde', blob => [blob.size, blob.read(1, 2), blob.read(9), [...blob.parts(2)].length]), [5, Uint8Array.of(98, 99), new Uint8Array(0), 3]);
  assert.equal(read('\ufeffä', blob => blob.text()), 'ä');
  for (const size of [1, 2, 3, 100]) assert.deepEqual(read('\ufeffä\r\n\nb€', blob => [...blob.lines(size)]), ['ä', '', 'b€']);
  assert.throws(() => read(Uint8Array.of(97, 10, 255), blob => [...blob.lines()]), { message: 'line 2 is not UTF-8' });
  assert.throws(() => read(Uint8Array.of(255), blob => blob.text()), DataError);
});

test('the answers of the other worlds', () => {
  const raw = (world, answer) => new Bench(sdk[world]({ config: sdk.object({}), check: () => [], run: () => answer })).raw('run');
  const decision = raw('deploy', { action: Action.shift([{ version: '1', weight: 1 }]), reason: 'why', state: Uint8Array.of(5) });
  assert.deepEqual([decision.action.val[0].weight, decision.state.parts], [1, [5]]);
  assert.deepEqual(raw('deploy', { action: Action.hold(), reason: '' }), { action: { tag: 'hold' }, reason: '', state: null });
  for (const [verdicts, worst] of [[[], 'inconclusive'], [['pass', 'inconclusive'], 'pass'], [['fail', 'warn'], 'fail']]) {
    assert.equal(raw('monitor', new Observation(verdicts.map(verdict => finding('a', '', { verdict })))).verdict, worst);
  }
  const artifact = raw('packaging', { artifactType: 'a/b', configType: 'c/d', config: new BlobWriter('{}'), layers: [{ mediaType: 'e/f', content: new BlobWriter('1'), annotations: { z: '1', a: '2' } }] });
  assert.deepEqual([artifact.layers[0].annotations, artifact.annotations, artifact.config.parts], [[['a', '2'], ['z', '1']], [], [123, 125]]);
  const [output] = raw('ingest', [sdk.blob('o', new BlobWriter('x'))]);
  assert.deepEqual([output.content.tag, output.content.val.parts], ['blob', [120]]);
});

const step = summand => ({
  scorer, takes: Schema.of({ x: 'float64' }), gives: Schema.of({ y: 'float64' }), save: () => Uint8Array.of(summand),
  score: rows => ({ y: rows.number('x').required().map(value => value + summand) }),
});
const scorer = sdk.score({ version: 3, kind: 'plus', load: ([summand]) => step(summand) });

test('a step is fitted, and scores', () => {
  const trainer = sdk.train({ config: sdk.object({}), check: () => new StepPorts({ takes: step(0).takes, outputs: [Port.table('importance')] }), fit: () => ({ step: step(2) }) });
  assert.deepEqual(new Bench(trainer).check().map(({ name, schema }) => [name, schema === null]), [['takes', false], ['gives', true], ['importance', true]]);
  assert.deepEqual(unframe(Uint8Array.from(new Bench(trainer).raw('run').state.parts), 3, 'plus'), Uint8Array.of(2));
  assert.deepEqual(scoreWith(step(2), { x: [1, 2] }), { y: [3, 4] });
});

test('a state comes in parts', () => {
  const state = frame(Uint8Array.of(5), 3, 'plus'), rows = values => ({ rows: values.length, columns: encode(new Field('x', 'float64'), values) });
  assert.throws(() => scorer.score(rows([1])), thrown => /load comes before/.test(thrown));
  scorer.load(state.slice(0, 7), state.length - 7);
  scorer.load(state.slice(7), 0);
  assert.deepEqual(new Float64Array(scorer.score(rows([1])).columns[0].values.buffer), Float64Array.of(6));
  assert.throws(() => scorer.score(rows([null])), thrown => /has no value in row 0/.test(thrown));
  scorer.load(state.slice(0, 7), 100);
  assert.throws(() => scorer.load(state.slice(7), 0), thrown => /do not fit together/.test(thrown));
});

test('a state that is not whole is refused', () => {
  assert.equal(crc32(utf8.encode('123456789')), 0xcbf43926);
  const state = frame(utf8.encode('abc'), 3, 'plus');
  for (let at = 0; at < state.length; at++) {
    assert.throws(() => unframe(state.slice(0, at), 3, 'plus'), TypeError);
    assert.throws(() => unframe(state.map((byte, index) => index === at ? byte ^ 1 : byte), 3, 'plus'), TypeError);
  }
  assert.throws(() => unframe(state, 3, 'minus'), /of "plus", not of "minus"/);
  assert.throws(() => unframe(state, 4, 'plus'), /version 3 .* reads version 4/);
});

test('only close words are suggested', () => {
  for (const [word, expected] of [['specis', 'species'], ['Island', 'island'], ['sxe', 'sex'], ['year', undefined], ['sex', undefined]]) assert.equal(sdk.didYouMean(word, ['species', 'island', 'sex']), expected);
});
