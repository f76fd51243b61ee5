// Tables, read and written batch by batch, so that no table has to fit into memory.

import { TableWriter as HostWriter } from '#host';
import { Problems } from './answers.js';
import { Batch, noColumn } from './columns.js';
import { encode } from './encode.js';
import { adopt, lend } from './schema.js';

/** A table among the inputs. */
export class Table {
  constructor(raw) {
    this.raw = raw;
    this.schema = adopt(raw.schema());
  }

  get rows() { return Number(this.raw.rows()); }

  *scan(columns = null, maxRows = 0) {
    const unknown = columns?.find(name => this.schema.get(name) === undefined);
    if (unknown !== undefined) throw new Problems(noColumn(unknown, this.schema));
    const schema = columns === null ? this.schema : this.schema.select(columns);
    const batches = this.raw.scan(columns, maxRows);
    let start = 0;
    for (let raw = batches.next(); raw !== null; raw = batches.next()) {
      yield new Batch(schema, start, raw);
      start += raw.rows;
    }
  }
}

/** A table being written. */
export class TableWriter {
  constructor(schema) {
    Object.assign(this, { schema, rows: 0, raw: new HostWriter(lend(schema)) });
  }

  write(columns) {
    const missing = this.schema.names.filter(name => !Object.hasOwn(columns, name));
    const surplus = Object.keys(columns).filter(name => this.schema.get(name) === undefined);
    if (missing.length > 0) throw new TypeError(`columns are missing: ${missing.join(', ')}`);
    if (surplus.length > 0) throw new TypeError(`there are no columns: ${surplus.join(', ')}`);
    const parts = this.schema.fields.map(field => encode(field, columns[field.name]));
    const lengths = parts.map(([column]) => column.length), [rows = 0] = lengths;
    if (lengths.some(length => length !== rows)) throw new TypeError(`columns have different lengths: ${this.schema.names.map((name, at) => `${name} ${lengths[at]}`).join(', ')}`);
    if (rows === 0) return;
    this.raw.write({ rows, columns: parts.flat() });
    this.rows += rows;
  }
}
