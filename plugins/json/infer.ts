// Infers the columns of records.

import { Field, fail } from 'lockflight';
import { kindOf } from './records.ts';
import type { Record } from './records.ts';

type Form = 'null' | 'bool' | 'int64' | 'float64' | 'text' | 'nested';

/** A column for each key, in the order in which they come first, with its declared or inferred type; behind them declared columns without a value. */
export function infer(records: Record[], declared: Field[], strict: boolean, nested: 'text' | 'error'): Field[] {
  const known = new Map(declared.map(field => [field.name, field]));
  const found = new Map<string, Field | { form: Form; line: number; word: string }>();
  for (const { line, value } of records) {
    for (const [name, item] of Object.entries(value)) {
      const given = known.get(name);
      if (given !== undefined) {
        found.set(name, given);
        continue;
      }
      if (strict) fail(`line ${line}: there is no column "${name}" under \`columns\``);
      const form = formOf(item), before = found.get(name);
      if (before instanceof Field) continue;
      if (form === 'nested' && nested === 'error') fail(`line ${line}: "${name}" is ${kindOf(item)}; nested values are read with nested = "text"`);
      const both = before === undefined ? form : together(before.form, form);
      if (before !== undefined && both === undefined) fail(`line ${line}: "${name}" is ${kindOf(item)}, and ${before.word} in line ${before.line}; give its type under \`columns\`, or "text" for both`);
      if (before === undefined || both !== before.form) found.set(name, { form: both ?? form, line, word: kindOf(item) });
    }
  }
  const columns = Array.from(found, ([name, column]) => column instanceof Field ? column : new Field(name, column.form === 'null' || column.form === 'nested' ? 'text' : column.form));
  return [...columns, ...declared.filter(field => !found.has(field.name))];
}

function formOf(value: unknown): Form {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isSafeInteger(value) ? 'int64' : 'float64';
  return typeof value === 'string' ? 'text' : 'nested';
}

/** The form of a column that has values of both; undefined if there is none. */
function together(one: Form, other: Form): Form | undefined {
  if (one === other || other === 'null') return one;
  if (one === 'null') return other;
  const both = new Set([one, other]);
  return both.has('int64') && both.has('float64') ? 'float64' : undefined;
}
