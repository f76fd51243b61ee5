// Values become the buffers of a column.

import { Column } from './columns.js';
import { encode as utf8 } from './utf8.js';

/** The buffers of a column, with those of its child behind them. */
export function encode(field, values) {
  if (values instanceof Column) {
    if (values.field.type !== field.type) throw new TypeError(`column "${field.name}" is ${field.type}, and was given values of ${values.field.type}`);
    refuseNull(field, values.nulls()[0]);
    return values.raw;
  }
  if (field.array !== undefined && field.size === undefined && values instanceof field.array) return [{ length: values.length, validity: null, offsets: null, values: bytesOf(values) }];
  const given = Array.from(values, value => value ?? null), first = given.indexOf(null);
  refuseNull(field, first < 0 ? undefined : first);
  const validity = first < 0 ? null : packed(given, value => value !== null);
  const column = { length: given.length, validity, offsets: null };
  if (field.size !== undefined) return [{ ...column, values: new Uint8Array(0) }, vectors(field, given)];
  if (field.type === 'bool') return [{ ...column, values: packed(given, (value, row) => typed(field, value, row, 'boolean') === true) }];
  if (field.type === 'text' || field.type === 'bytes') return [{ ...column, ...strings(field, given) }];
  return [{ ...column, values: bytesOf(numbers(field, given)) }];
}

/** A bitmap of the values that pass a test, the lowest bit of a byte first. */
export function packed(values, test) {
  const bits = new Uint8Array((values.length + 7) >> 3);
  values.forEach((value, row) => { if (test(value, row)) bits[row >> 3] |= 1 << (row & 7); });
  return bits;
}

const bytesOf = array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

function refuseNull(field, row) {
  if (row !== undefined && !field.nullable) throw new TypeError(`column "${field.name}" is declared without nulls and was given one in row ${row} of what was written`);
}

function refuse(field, value, row) {
  throw new TypeError(`column "${field.name}" (${field.type}) cannot hold ${typeof value === 'bigint' ? value : JSON.stringify(value)} of row ${row}`);
}

function typed(field, value, row, type) {
  return value === null || typeof value === type ? value : refuse(field, value, row);
}

function numbers(field, values) {
  const buffer = new field.array(values.length), big = buffer instanceof BigInt64Array || buffer instanceof BigUint64Array;
  const whole = !field.array.name.startsWith('Float');
  values.forEach((value, row) => {
    if (value === null) return;
    const number = value instanceof Date ? count(field, value) : value;
    if (typeof number !== 'number' && typeof number !== 'bigint') refuse(field, value, row);
    if (!big) buffer[row] = Number(number);
    else if (typeof number === 'bigint' || Number.isInteger(number)) buffer[row] = BigInt(number);
    else refuse(field, value, row);
    // An array of whole numbers cuts what it cannot hold. (`==`, since one side may be a bigint.)
    if (whole && buffer[row] != number) refuse(field, value, row); // eslint-disable-line eqeqeq
  });
  return buffer;
}

const PER_MILLISECOND = { ms: 1n, us: 1_000n, ns: 1_000_000n };

/** A Date as a count of days, or of the timestamp's unit; a part of one is cut off. */
function count(field, date) {
  if (field.type === 'date') return Math.floor(date.getTime() / 86_400_000);
  if (field.unit === 's') return Math.floor(date.getTime() / 1000);
  return field.unit === undefined ? NaN : BigInt(date.getTime()) * PER_MILLISECOND[field.unit];
}

function strings(field, values) {
  const parts = values.map((value, row) => {
    if (value === null) return new Uint8Array(0);
    if (field.type === 'text') return utf8(typed(field, value, row, 'string'));
    return value instanceof Uint8Array ? value : refuse(field, value, row);
  });
  const offsets = new Int32Array(parts.length + 1);
  parts.forEach((part, row) => { offsets[row + 1] = offsets[row] + part.length; });
  const bytes = new Uint8Array(offsets[parts.length]);
  parts.forEach((part, row) => bytes.set(part, offsets[row]));
  return { offsets: bytesOf(offsets), values: bytes };
}

function vectors(field, values) {
  const flat = new field.array(values.length * field.size);
  values.forEach((value, row) => {
    if (value === null) return;
    if (value.length !== field.size) refuse(field, Array.from(value), row);
    flat.set(value, row * field.size);
  });
  return { length: flat.length, validity: null, offsets: null, values: bytesOf(flat) };
}
