// Columns as typed arrays over the memory that the host wrote, with accessors that do not let nulls be forgotten.

import { DataError, Problem, Problems } from './answers.js';
import { didYouMean } from './suggest.js';
import { decode, octets } from './utf8.js';

/** The values of one column in one batch. */
export class Column {
  constructor(field, start, raw) {
    Object.assign(this, { field, start, raw });
    this.length = raw[0].length;
  }

  get nullCount() {
    return this.nulls().length;
  }

  present() {
    if (this.bits === undefined) {
      const { validity } = this.raw[0];
      this.bits = validity === null ? new Uint8Array(this.length).fill(1) : unpacked(validity, this.length);
    }
    return this.bits;
  }

  nulls() {
    const rows = [], { validity } = this.raw[0];
    if (validity === null) return rows;
    for (let at = 0; at * 8 < this.length; at++) {
      const byte = validity[at];
      if (byte === 0xff) continue;
      const end = Math.min(at * 8 + 8, this.length);
      for (let row = at * 8, bits = byte; row < end; row++, bits >>= 1) if ((bits & 1) === 0) rows.push(row);
    }
    return rows;
  }

  toArray() {
    const values = Array.from(this.values());
    for (const row of this.nulls()) values[row] = null;
    return values;
  }

  required() {
    const [row] = this.nulls();
    if (row !== undefined) throw new DataError(`column "${this.field.name}" has no value in row ${this.start + row}, counted from 0`);
    return this.values();
  }

  filled(otherwise) {
    const nulls = this.nulls();
    if (nulls.length === 0) return this.values();
    const values = this.values().slice();
    for (const row of nulls) values[row] = otherwise;
    return values;
  }

  masked() {
    return { values: this.values(), present: this.present() };
  }
}

/** Numbers, dates and timestamps. */
export class NumberColumn extends Column {
  values() { return view(this.field.array, this.raw[0].values, this.length); }

  filled(otherwise) {
    const { array, name, type } = this.field;
    const [held] = array.of(otherwise);
    // float32 rounds and is content with that; whole numbers have to be held as they are.
    if (!Object.is(held, otherwise) && array !== Float32Array) throw new TypeError(`a null of column "${name}" (${type}) cannot become ${otherwise}`);
    return super.filled(otherwise);
  }

  floats(otherwise = NaN) {
    const nulls = this.nulls(), values = this.values();
    if (nulls.length === 0 && values instanceof Float64Array) return values;
    const floats = Float64Array.from(values, Number);
    for (const row of nulls) floats[row] = otherwise;
    return floats;
  }
}

/** Booleans, one byte a row. */
export class BoolColumn extends Column {
  values() { return Array.from(unpacked(this.raw[0].values, this.length), bit => bit === 1); }
}

/** Byte strings. */
export class BytesColumn extends Column {
  values() {
    const { values } = this.raw[0], offsets = view(Int32Array, this.raw[0].offsets, this.length + 1);
    return Array.from({ length: this.length }, (_, row) => values.slice(offsets[row], offsets[row + 1]));
  }
}

/** Text. */
export class TextColumn extends Column {
  values() {
    const all = octets(this.raw[0].values), offsets = view(Int32Array, this.raw[0].offsets, this.length + 1);
    const rows = new Array(this.length);
    // What stands under a null may be no UTF-8.
    if (/^[\0-\x7f]*$/.test(all)) for (let row = 0; row < rows.length; row++) rows[row] = all.slice(offsets[row], offsets[row + 1]);
    else for (let row = 0; row < rows.length; row++) rows[row] = decode(all.slice(offsets[row], offsets[row + 1])) ?? '';
    return rows;
  }
}

/** Vectors of one size. */
export class VectorColumn extends Column {
  flat() { return view(this.field.array, this.raw[1].values, this.raw[1].length); }

  values() {
    const flat = this.flat(), { size } = this.field;
    return Array.from({ length: this.length }, (_, row) => flat.subarray(row * size, (row + 1) * size));
  }
}

// The eight bits of every byte as eight bytes, the lowest bit first.
const BITS = Array.from({ length: 256 }, (_, byte) => Uint8Array.from({ length: 8 }, (_, bit) => (byte >> bit) & 1));

/** A bitmap as one byte a bit, 0 or 1; the lowest bit of a byte comes first. */
export function unpacked(bitmap, length) {
  const bits = new Uint8Array(((length + 7) >> 3) * 8);
  for (let at = 0; at * 8 < length; at++) bits.set(BITS[bitmap[at]], at * 8);
  return bits.subarray(0, length);
}

/** The buffer's values; copied first where it is not aligned to them. */
function view(array, bytes, length) {
  const aligned = bytes.byteOffset % array.BYTES_PER_ELEMENT === 0 ? bytes : bytes.slice();
  return new array(aligned.buffer, aligned.byteOffset, length);
}

const CLASSES = { bool: BoolColumn, text: TextColumn, bytes: BytesColumn };

/** Some rows of a table: some tens of thousands, a column each. */
export class Batch {
  constructor(schema, start, raw) {
    Object.assign(this, { schema, start, rows: raw.rows, columns: new Map() });
    let at = 0;
    for (const field of schema) {
      const width = field.size === undefined ? 1 : 2;
      const kind = width === 2 ? VectorColumn : CLASSES[field.type] ?? NumberColumn;
      this.columns.set(field.name, new kind(field, start, raw.columns.slice(at, at + width)));
      at += width;
    }
  }

  column(name) {
    const column = this.columns.get(name);
    if (column === undefined) throw new Problems(noColumn(name, this.schema));
    return column;
  }

  number(name) { return this.typed(name, NumberColumn, 'numbers'); }
  text(name) { return this.typed(name, TextColumn, 'text'); }
  boolean(name) { return this.typed(name, BoolColumn, 'booleans'); }
  vector(name) { return this.typed(name, VectorColumn, 'vectors'); }

  typed(name, wanted, what) {
    const column = this.column(name);
    if (!(column instanceof wanted)) throw new Problems(Problem.stage(`column "${name}" is ${column.field.type}, and has to hold ${what}`));
    return column;
  }

  records() {
    const columns = Array.from(this.columns, ([name, column]) => [name, column.toArray()]);
    return Array.from({ length: this.rows }, (_, row) => Object.fromEntries(columns.map(([name, values]) => [name, values[row]])));
  }
}

/** The problem that a table has no column of that name. */
export function noColumn(name, schema) {
  return Problem.stage(`the table has no column "${name}"`).suggest(name, schema.names);
}
