// JSON values become values of a column.

import { fail } from 'lockflight';
import type { Field } from 'lockflight';
import { kindOf } from './records.ts';

/** Whether values of a column's type can be read from JSON. */
export function canRead(field: Field): boolean {
  return field.type !== 'bytes';
}

/** The value of a column, null for none. What does not fit is a fault of the data. */
export function convert(field: Field, value: unknown, line: number, nested: 'text' | 'error'): unknown {
  if (value === undefined || value === null) {
    if (!field.nullable) fail(`line ${line}: "${field.name}" is ${value === null ? 'null' : 'missing'}, and has to have a value`);
    return null;
  }
  const wrong = (why = '') => fail(`line ${line}: "${field.name}" has to be ${field.type}, and is ${shown(value)}${why}`);
  if (field.size !== undefined) {
    const fits = Array.isArray(value) && value.length === field.size && value.every(item => typeof item === 'number');
    return fits ? value : wrong();
  }
  if (field.type === 'text') {
    if (typeof value === 'object' && nested === 'error') fail(`line ${line}: "${field.name}" is ${kindOf(value)}; nested values are read with nested = "text"`);
    return typeof value === 'string' ? value : JSON.stringify(value);
  }
  if (field.type === 'bool') return typeof value === 'boolean' ? value : wrong();
  if (field.type === 'date' && typeof value === 'string') return days(value) ?? wrong();
  if (field.isTimestamp && typeof value === 'string') return moment(field, value) ?? wrong();
  if (typeof value !== 'number') return wrong();
  if (!field.isNumber || field.isInteger) {
    if (!Number.isInteger(value)) return wrong();
    if (!Number.isSafeInteger(value)) return wrong(', beyond what JSON numbers hold exactly (2^53)');
    const [least, most] = BOUNDS[field.type] ?? [-Infinity, Infinity];
    if (value < least || value > most) return wrong();
  }
  return value;
}

const BOUNDS: { [type: string]: [number, number] } = {
  int8: [-(2 ** 7), 2 ** 7 - 1], int16: [-(2 ** 15), 2 ** 15 - 1], int32: [-(2 ** 31), 2 ** 31 - 1], date: [-(2 ** 31), 2 ** 31 - 1],
  uint8: [0, 2 ** 8 - 1], uint16: [0, 2 ** 16 - 1], uint32: [0, 2 ** 32 - 1], uint64: [0, Infinity],
};

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** Days since 1970-01-01 of a date such as 2024-02-29; undefined if it is none. */
function days(text: string): number | undefined {
  const found = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (found === null) return undefined;
  const [year, month, day] = found.slice(1).map(Number), time = new Date(0);
  time.setUTCFullYear(year, month - 1, day);
  // A date that there is not, such as February 30, has become another one.
  return time.getUTCMonth() === month - 1 && time.getUTCDate() === day ? time.getTime() / 86_400_000 : undefined;
}

const PER_SECOND: { [unit: string]: number } = { s: 0, ms: 3, us: 6, ns: 9 };

/** A time such as 2024-02-29T12:30:00.5Z as a count of the column's unit, a smaller part cut off; without offset it is taken for UTC. */
function moment(field: Field, text: string): bigint | undefined {
  const found = /^(\d{4}-\d\d-\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+-]\d\d:?\d\d)?$/.exec(text);
  const day = found === null ? undefined : days(found[1]);
  if (found === null || day === undefined) return undefined;
  const [hours, minutes, seconds] = found.slice(2, 5).map(part => Number(part ?? 0));
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const offset = found[6] === undefined || found[6] === 'Z' ? 0 : Number(`${found[6][0]}1`) * (Number(found[6].slice(1, 3)) * 60 + Number(found[6].slice(-2)));
  const whole = BigInt(day * 86_400 + hours * 3600 + (minutes - offset) * 60 + seconds), digits = PER_SECOND[field.unit ?? 's'];
  return whole * 10n ** BigInt(digits) + BigInt((found[5] ?? '').padEnd(9, '0').slice(0, digits) || 0);
}
