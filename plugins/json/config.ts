// The plugin's config.

import { Field, Problem, boolean, choice, integer, map, object, oneOf, text } from 'lockflight';
import type { Infer } from 'lockflight';
import { canRead } from './values.ts';

const Column = oneOf([
  text(),
  object({ type: text({ description: 'The type of the column.' }), nullable: boolean({ default: true, description: 'Whether records may lack the key, or have null there.' }) }),
]);

/** How JSON records become a table. */
export const Config = object({
  format: choice(['auto', 'array', 'lines'], { default: 'auto', description: 'An array of records, one record a line, or whichever the first character says.' }),
  columns: map(Column, { default: {}, description: 'Types by key: a type, or { type, nullable }.' }),
  'strict-columns': boolean({ default: false, description: 'Whether every key has to be under `columns`.' }),
  'infer-rows': integer({ min: 1, default: 10000, description: 'From how many records to infer the other columns. A key that comes later is an error.' }),
  nested: choice(['text', 'error'], { default: 'text', description: 'What becomes of lists and tables within a record: their JSON as text, or an error.' }),
}, { check, description: 'How JSON records become a table.' });

export type Config = Infer<typeof Config>;

/** What is wrong with the types. */
function check(config: { columns: Record<string, string | { type: string; nullable: boolean }> }): Problem[] {
  return Object.entries(config.columns).flatMap(([name, column]) => {
    const type = typeof column === 'string' ? column : column.type;
    const pointer = `/columns/${name.replaceAll('~', '~0').replaceAll('/', '~1')}${typeof column === 'string' ? '' : '/type'}`;
    try {
      return canRead(new Field(name, type)) ? [] : [Problem.config(pointer, `JSON holds no ${type}`, 'read it as text')];
    } catch {
      return [Problem.config(pointer, `there is no type "${type}"`).suggest(type, TYPES)];
    }
  });
}

const TYPES = ['bool', 'int8', 'int16', 'int32', 'int64', 'uint8', 'uint16', 'uint32', 'uint64', 'float32', 'float64', 'text', 'date',
  'timestamp[s]', 'timestamp[ms]', 'timestamp[us]', 'timestamp[ns]'];

/** The declared columns. */
export function declared(config: Config): Field[] {
  return Object.entries(config.columns).map(([name, column]) => typeof column === 'string' ? new Field(name, column) : new Field(name, column.type, { nullable: column.nullable }));
}
