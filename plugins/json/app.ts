// The plugin: reads records, infers what is not declared, and writes a table.

import { Port, Schema, TableWriter, didYouMean, fail, ingest, log, progress, table } from 'lockflight';
import type { Blob, Field, Job, Output } from 'lockflight';
import { Config, declared } from './config.ts';
import { infer } from './infer.ts';
import { formatOf, ofArray, ofLines } from './records.ts';
import type { Record } from './records.ts';
import { convert } from './values.ts';

const ROWS = 8192;
// An array is read whole; to look into a larger one is not the work of `check`.
const LARGEST_CHECKED = 16 * 1024 * 1024;

export const ingester = ingest({
  config: Config,

  check(job: Job<Config>): Port[] {
    const { name, available } = job.only('blob');
    if (!available) return [Port.table('table')];
    const blob = job.blob(name);
    if (blob.size > LARGEST_CHECKED && formatIn(blob, job.config) === 'array') return [Port.table('table')];
    return [Port.table('table', new Schema(begin(blob, job.config).fields))];
  },

  run(job: Job<Config>): Output[] {
    const { fields, first, rest } = begin(job.blob(job.only('blob').name), job.config);
    const writer = new TableWriter(new Schema(fields)), names = new Set(writer.schema.names);
    let records: Record[] = [];
    const flush = () => {
      writer.write(Object.fromEntries(fields.map(field => [field.name, records.map(({ line, value }) => convert(field, own(value, field.name), line, job.config.nested))])));
      progress(writer.rows);
      records = [];
    };
    for (const record of chain(first, rest)) {
      for (const key of Object.keys(record.value)) if (!names.has(key)) late(record.line, key, writer.schema.names);
      if (records.push(record) === ROWS) flush();
    }
    flush();
    log.info(`${writer.rows} records with ${fields.length} columns`);
    return [table('table', writer)];
  },
});

function formatIn(blob: Blob, config: Config): 'array' | 'lines' {
  return config.format === 'auto' ? formatOf(blob) : config.format;
}

/** The columns of a file, the records that they were inferred from, and the others. */
function begin(blob: Blob, config: Config): { fields: Field[]; first: Record[]; rest: Iterator<Record> } {
  const rest = formatIn(blob, config) === 'array' ? ofArray(blob) : ofLines(blob);
  const first: Record[] = [];
  while (first.length < config['infer-rows']) {
    const { value, done } = rest.next();
    if (done || value === undefined) break;
    first.push(value);
  }
  const fields = infer(first, declared(config), config['strict-columns'], config.nested);
  if (fields.length === 0) fail('the file holds no records, and no columns are declared');
  return { fields, first, rest };
}

function* chain(first: Record[], rest: Iterator<Record>): Generator<Record, void, void> {
  yield* first;
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
}

/** The value of a key, and nothing that all objects have. */
function own(value: { [key: string]: unknown }, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function late(line: number, key: string, names: string[]): never {
  const guess = didYouMean(key, names);
  fail(`line ${line}: "${key}" is no column${guess === undefined ? '' : ` (is "${guess}" meant?)`}, since it is neither under \`columns\` nor in the records that columns are inferred from (\`infer-rows\`)`);
}
