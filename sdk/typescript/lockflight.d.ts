/**
 * Write lockflight plugins in TypeScript or JavaScript.
 *
 * ```ts
 * import { Report, finding, object, text, validate } from 'lockflight';
 *
 * export const validator = validate({
 *   config: object({ column: text({ description: 'The column to look at.' }) }),
 *   check(job) {
 *     job.input('table');
 *     return [];
 *   },
 *   run(job) {
 *     let rows = 0, failed = 0;
 *     for (const batch of job.table('table').scan([job.config.column])) {
 *       for (const value of batch.number(job.config.column).floats(0)) if (value < 0) failed++;
 *       rows += batch.rows;
 *     }
 *     return new Report([finding('no-negatives', job.config.column, { rows, failed, verdict: failed > 0 ? 'fail' : 'pass' })]);
 *   },
 * });
 * ```
 */

// ---- Configs -------------------------------------------------------------------------------------------------------------------

/** A kind of value in a config: `T` is what it is read as; with `Required` false the key may be left out. */
export interface Kind<T, Required extends boolean = true> {
  /** The key may be left out; it is undefined then. */
  optional(): Kind<T | undefined, false>;
  /** What a value has to be, in words. */
  readonly phrase: string;
  readonly _type?: T;
  readonly _required?: Required;
}

/** The type that a config of this kind is read as. */
export type Infer<K> = K extends Kind<infer T, boolean> ? T : never;

/** What every kind may be given: a text for the JSON Schema, and what is taken when the key is left out. */
export interface Options<T> { description?: string; default?: T }
/** Limits of a number, in its own unit: `min` and `max` are allowed, `above` and `below` are not. */
export interface Range { min?: number; above?: number; max?: number; below?: number }
/** Limits of a length: UTF-16 units of a text, values of a list. */
export interface Length { minLength?: number; maxLength?: number }

/** Any JSON value. */
export function any(options?: Options<unknown>): Kind<unknown>;
/** `true` or `false`. */
export function boolean(options?: Options<boolean>): Kind<boolean>;
/** A text. */
export function text(options?: Options<string> & Length): Kind<string>;
/** A finite number. */
export function number(options?: Options<number> & Range): Kind<number>;
/** A whole number. */
export function integer(options?: Options<number> & Range): Kind<number>;
/** One of some words. */
export function choice<const W extends string>(words: readonly W[], options?: Options<W>): Kind<W>;
/** A list of values of one kind; with `unique` no text or number occurs twice. */
export function list<T>(of: Kind<T, boolean>, options?: Options<T[]> & Length & { unique?: boolean }): Kind<T[]>;
/** A list of so many values, each of its kind. */
export function tuple<const T extends readonly unknown[]>(kinds: { readonly [I in keyof T]: Kind<T[I], boolean> }, options?: Options<T>): Kind<T>;
/** A table of any keys, with values of one kind. */
export function map<T>(of: Kind<T, boolean>, options?: Options<Record<string, T>>): Kind<Record<string, T>>;
/** A value of one of several kinds, the first that fits. */
export function oneOf<T extends readonly unknown[]>(kinds: { readonly [I in keyof T]: Kind<T[I], boolean> }, options?: Options<T[number]>): Kind<T[number]>;
/**
 * A table of these keys; others are problems. `check` says what is wrong between keys that are right one by one, with pointers relative
 * to this table.
 */
export function object<K extends Record<string, Kind<any, boolean>>>(
  keys: K, options?: Options<ConfigOf<K>> & { check?: (config: ConfigOf<K>) => Problem[] },
): Kind<ConfigOf<K>>;
/** What a table of these keys is read as. */
export type ConfigOf<K extends Record<string, Kind<any, boolean>>> = { [N in keyof K]: Infer<K[N]> };

// ---- Schemas, columns, tables, blobs -------------------------------------------------------------------------------------------

/** The types of a column; a vector has a size in brackets. Timestamps count `s`, `ms`, `us` or `ns` since 1970-01-01. */
export type Type = 'bool' | 'int8' | 'int16' | 'int32' | 'int64' | 'uint8' | 'uint16' | 'uint32' | 'uint64' | 'float32' | 'float64' | 'text' | 'bytes' | 'date'
  | `timestamp[${string}]` | `float32[${number}]` | `float64[${number}]`;

/** A column: its name, its type, and whether it may hold nulls. An unknown type throws a TypeError. */
export class Field {
  constructor(name: string, type: Type | (string & {}), options?: { nullable?: boolean; metadata?: Record<string, string> });
  readonly name: string;
  readonly type: string;
  readonly nullable: boolean;
  readonly metadata: Record<string, string>;
  /** Whether the values are numbers (dates and timestamps are not). */
  readonly isNumber: boolean;
  /** Whether the values are whole numbers. */
  readonly isInteger: boolean;
  /** Whether the values are points in time. */
  readonly isTimestamp: boolean;
  /** A timestamp's unit. */
  readonly unit: 's' | 'ms' | 'us' | 'ns' | undefined;
  /** A timestamp's zone, if it has one. */
  readonly zone: string | undefined;
  /** How many values a vector has. */
  readonly size: number | undefined;
  /** The type as Arrow's format string. */
  readonly format: string;
}

/** The columns of a table, in order. A name that occurs twice throws a TypeError. */
export class Schema {
  constructor(fields: Iterable<Field>, metadata?: Record<string, string>);
  /** A schema of columns that may hold nulls: names and types. */
  static of(types: Record<string, Type | (string & {})>): Schema;
  readonly fields: Field[];
  readonly metadata: Record<string, string>;
  readonly names: string[];
  /** The column of that name, if there is one. */
  get(name: string): Field | undefined;
  /** The schema of some of the columns. An unknown name throws a TypeError. */
  select(names: string[]): Schema;
  [Symbol.iterator](): Iterator<Field>;
}

/** The arrays of numbers: `Float64Array` for float64, `BigInt64Array` for int64 and timestamps, `Int32Array` for int32 and dates … */
export type Numbers = Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array | BigUint64Array | Float32Array | Float64Array;

/**
 * The values `V` of one column in one batch, as an array `A`. There is no accessor that hands out values and forgets the nulls: say what
 * a null becomes (`filled`), that there is none (`required`), or take the mask too (`masked`).
 */
export class Column<V, A extends ArrayLike<V> = V[]> {
  readonly field: Field;
  /** How many rows. */
  readonly length: number;
  /** How many of them are null. */
  readonly nullCount: number;
  /** The host's buffers, the child's behind the parent's: Arrow's layout. */
  readonly raw: { length: number; validity: Uint8Array | null; offsets: Uint8Array | null; values: Uint8Array }[];
  /** One byte a row: 1 for a value, 0 for a null. */
  present(): Uint8Array;
  /** The rows of the nulls, ascending, counted from 0 in this batch. */
  nulls(): number[];
  /** The values, null for a null. */
  toArray(): (V | null)[];
  /** The values of a column that must have one in every row; a null throws a DataError with its row in the table. */
  required(): A;
  /** The values, with `otherwise` in the place of every null. Without nulls numbers are the host's memory itself, not a copy. */
  filled(otherwise: V): A;
  /** The values, with anything in the place of a null, and `present()`. */
  masked(): { values: A; present: Uint8Array };
}

/** Numbers, dates (days since 1970-01-01) and timestamps (in the field's unit since then). */
export class NumberColumn extends Column<any, Numbers> {
  /** The values as 64 bit floats, whatever the type; whole numbers beyond 2**53 are rounded. A null becomes NaN, or what is given. */
  floats(otherwise?: number): Float64Array;
}
/** Booleans. */
export class BoolColumn extends Column<boolean> {}
/** Byte strings. */
export class BytesColumn extends Column<Uint8Array> {}
/** Text. */
export class TextColumn extends Column<string> {}
/** Vectors of one size. */
export class VectorColumn extends Column<Float32Array | Float64Array> {
  /** All values of all vectors, one vector after the other, with anything in the place of a null. */
  flat(): Float32Array | Float64Array;
}

/** Some rows of a table: at most 65,536 and 16 MiB, a column each. A name that is none, or of another type, throws Problems. */
export class Batch {
  readonly schema: Schema;
  /** The number of the first row in the table, counted from 0. */
  readonly start: number;
  /** How many rows. */
  readonly rows: number;
  column(name: string): NumberColumn | BoolColumn | BytesColumn | TextColumn | VectorColumn;
  number(name: string): NumberColumn;
  text(name: string): TextColumn;
  boolean(name: string): BoolColumn;
  vector(name: string): VectorColumn;
  /** The rows as objects, null for a null: the slowest way to read, and the simplest. */
  records(): Record<string, unknown>[];
}

/** A table among the inputs; it can be read as often as wanted. */
export class Table {
  readonly schema: Schema;
  /** How many rows. */
  readonly rows: number;
  /**
   * The batches, from the first row to the last: of all columns, or those named, in the wished order; with at most `maxRows` rows if
   * that is not 0. A name that the table does not have throws Problems.
   */
  scan(columns?: string[] | null, maxRows?: number): Generator<Batch, void, void>;
}

/** What a column may be written from: values with null for nulls, an array of numbers of the column's type, or a batch's column. */
export type Values = ArrayLike<unknown> | Numbers | Column<any, any>;

/** A table being written; `table` makes an output of it. One that is not returned is dropped. */
export class TableWriter {
  constructor(schema: Schema);
  readonly schema: Schema;
  /** How many rows were written. */
  readonly rows: number;
  /**
   * Appends rows, given by columns: each of the schema, all of one length. Dates and timestamps are a Date or a count. What does not
   * fit throws a TypeError that names column and row. Any number of rows will do; some thousands are quickest.
   */
  write(columns: Record<string, Values>): void;
}

/** Bytes among the inputs. */
export class Blob {
  /** How many bytes. */
  readonly size: number;
  /** Bytes from `offset` (default 0), at most `length` (default all). */
  read(offset?: number, length?: number): Uint8Array;
  /** The bytes in parts of `size` (default 1 MiB), the last one smaller. */
  parts(size?: number): Generator<Uint8Array, void, void>;
  /** All of it as UTF-8 text, without a byte order mark. Other bytes throw a DataError. */
  text(): string;
  /** The lines, without their ends, read `size` bytes at a time. A line that is not UTF-8 throws a DataError with its number. */
  lines(size?: number): Generator<string, void, void>;
}

/** A blob being written; `blob` makes an output of it. One that is not returned is dropped. */
export class BlobWriter {
  /** Starts a blob, with some content if that is given. */
  constructor(content?: Uint8Array | string);
  /** How many bytes were written. */
  readonly size: number;
  /** Appends bytes, or text as UTF-8. */
  write(content: Uint8Array | string): void;
}

// ---- The job -------------------------------------------------------------------------------------------------------------------

/** A named place where data goes in or out. A table without schema is known only after the stage ran. */
export interface Port { name: string; kind: 'table' | 'blob'; schema: Schema | null }
export const Port: {
  /** A table. */
  table(name: string, schema?: Schema | null): Port;
  /** A blob. */
  blob(name: string): Port;
};

/** An input. In `check` only files that exist before the run are available; in `run` all are. */
export interface Input extends Port { available: boolean }

/** Everything a call gets: the config, typed, and the inputs. */
export class Job<C> {
  readonly config: C;
  /** The inputs, sorted by name. */
  readonly inputs: Input[];
  /** The input of that name; throws Problems, which say what there is, when there is none. */
  input(name: string): Input;
  /** The only input of a kind, whatever its name; throws Problems when there is none, or more than one. */
  only(kind: 'table' | 'blob'): Input;
  /** Opens a table (default `table`); throws Problems when there is no such input, it is a blob, or it is yet to be made. */
  table(name?: string): Table;
  /** Opens a blob; throws Problems when there is no such input, it is a table, or it is yet to be made. */
  blob(name: string): Blob;
  /** The seed of all randomness, up to 2**53; 0 unless `plugin.toml` declares `seed`. */
  readonly seed: number;
  /** The logical time in ns since 1970-01-01T00:00:00Z, rounded to what a number holds; 0 unless `plugin.toml` declares `time`. */
  readonly time: number;
  /** The partition this call works on, if the table has any. */
  readonly partition: string | null;
  /** What the last call returned as its state, in worlds that keep one; null for the first. */
  readonly state: Uint8Array | null;
}

// ---- Answers -------------------------------------------------------------------------------------------------------------------

/** Something that has to be mended before the stage can run. */
export class Problem {
  /** Of the stage as a whole. */
  static stage(message: string, help?: string | null): Problem;
  /** Of a value of the config, at a JSON pointer (RFC 6901) such as `/columns/0/type`. */
  static config(pointer: string, message: string, help?: string | null): Problem;
  /** Of an input, by name. */
  static input(name: string, message: string, help?: string | null): Problem;
  /** Of the bytes from `start` up to `end` of the text file that came in as the input `input`. */
  static file(input: string, start: number, end: number, message: string, help?: string | null): Problem;
  readonly place: { tag: 'stage' } | { tag: 'config' | 'input'; val: string } | { tag: 'file'; val: { input: string; start: number; end: number } };
  readonly message: string;
  readonly help: string | null;
  /** With `did you mean "…"?` if one of the candidates looks like the word, else with all of them. */
  suggest(word: string, candidates: Iterable<string>): Problem;
}

/** All that has to be mended. Thrown in `check`, and in `run` for what only the data tells. */
export class Problems extends Error {
  constructor(...problems: Problem[]);
  readonly problems: Problem[];
  /** Throws the problems, if there are any. */
  static throwIf(problems: Problem[]): void;
}

/** The data is not what it should be. The message says where: file, line, column. */
export class DataError extends Error {}
/** The plugin has a fault that it noticed itself. Any other error ends the stage too, with its stack in the log. */
export class InternalError extends Error {}
/** Throws a DataError. */
export function fail(message: string): never;

/** How a check came out. */
export type Verdict = 'pass' | 'warn' | 'fail' | 'inconclusive';

/** The outcome of one check. */
export interface Finding {
  /** The kind of check, e.g. `not-null`. */
  name: string;
  /** What was checked: a column, several joined by `, `, or empty for the table as a whole. */
  subject: string;
  verdict: Verdict;
  /** One sentence for a person. */
  message: string;
  /** The slice of the data, e.g. `species = Adelie`; null for all of it. */
  slice: string | null;
  /** The measured value; one that is not finite is left out. */
  value: number | null;
  /** The bound that the value was held against, e.g. `>= 0.95`. */
  limit: string | null;
  /** How many rows were looked at. */
  rows: number;
  /** How many of them failed. */
  failed: number;
  /** Rows of `input` that failed, counted from 0, ascending; the first 20 are kept. */
  examples: number[];
  /** The input whose rows `examples` counts; `table` by default. */
  input: string | null;
}
/** A finding; what is not given is as in one that passes and looked at nothing. */
export function finding(name: string, subject: string, rest?: Partial<Finding>): Finding;

/** A named output; a reference to the bare stage means the one named `table`. */
export interface Output { name: string; content: { tag: 'table'; writer: TableWriter } | { tag: 'blob'; writer: BlobWriter } }
/** A table as an output. */
export function table(name: string, writer: TableWriter): Output;
/** A blob as an output. */
export function blob(name: string, writer: BlobWriter): Output;

/** World `validate`: what a validation found, in a fixed order, and tables such as those rows that passed. */
export class Report {
  constructor(findings: Finding[], outputs?: Output[]);
  readonly findings: Finding[];
  readonly outputs: Output[];
}

/** World `train`: what is known of a step before it is fitted; schemas that only the data tells are null. */
export class StepPorts {
  constructor(known?: { takes?: Schema | null; gives?: Schema | null; outputs?: Port[] });
}
/** World `train`: a fitted step, and what else came of fitting it. */
export interface Fitted { step: Step; outputs?: Output[] }

/** World `packaging`: the artifact that the host assembles, registers and signs. Types are media types. */
export interface Artifact {
  artifactType: string; configType: string; config: BlobWriter; annotations?: Record<string, string>;
  layers?: { mediaType: string; content: BlobWriter; annotations?: Record<string, string> }[];
}

/** World `deploy`: a version and its share of the traffic, from 0 to 1; all shares add up to 1. */
export interface Arm { version: string; weight: number }
/** World `deploy`: what to do next. */
export type Action = { tag: 'hold' } | { tag: 'pause' } | { tag: 'shift'; val: Arm[] } | { tag: 'promote' | 'roll-back'; val: string };
export const Action: {
  /** Leave everything as it is until the next call. */
  hold(): Action;
  /** Leave everything as it is until a person decides. */
  pause(): Action;
  /** Give the arms these shares. */
  shift(arms: Arm[]): Action;
  /** Give this version all traffic and end. */
  promote(version: string): Action;
  /** Take all traffic from this version and end. */
  rollBack(version: string): Action;
};
/** World `deploy`: a decision and why; `state` is what the next call gets. */
export interface Decision { action: Action; reason: string; state?: Uint8Array | null }

/** World `monitor`: what a window showed; without a verdict, the worst of the findings'. `state` is what the next window's call gets. */
export class Observation {
  constructor(findings: Finding[], options?: { state?: Uint8Array | null; verdict?: Verdict });
  readonly verdict: Verdict;
}

// ---- Worlds: what a module exports, under the name in the comment ----------------------------------------------------------------

/**
 * A plugin: its config, `check`, which runs before any stage and answers the output ports or throws Problems, all at once; and `run`,
 * which does the work.
 */
export interface Plugin<C, Answer> { config: Kind<C, boolean>; check(job: Job<C>): Port[]; run(job: Job<C>): Answer }
/** What the host calls. */
export interface Exported<P> { readonly plugin: P; check(): unknown; run(): unknown }

/** `export const ingester = ingest({…})`: sources become tables; tables are joined, filtered and split. */
export function ingest<C>(plugin: Plugin<C, Output[]>): Exported<Plugin<C, Output[]>>;
/** `export const validator = validate({…})`: a table is checked against expectations. */
export function validate<C>(plugin: Plugin<C, Report>): Exported<Plugin<C, Report>>;
/** `export const packager = packaging({…})`: a model becomes the layers of an artifact. */
export function packaging<C>(plugin: Plugin<C, Artifact>): Exported<Plugin<C, Artifact>>;
/** `export const deployer = deploy({…})`: decides what traffic the versions of a model get, from the tables `arms` and `figures`. */
export function deploy<C>(plugin: Plugin<C, Decision>): Exported<Plugin<C, Decision>>;
/** `export const monitorer = monitor({…})`: watches a window of what a model sees. */
export function monitor<C>(plugin: Plugin<C, Observation>): Exported<Plugin<C, Observation>>;

/** A plugin of world `train`: `fit` answers a step. Equal jobs have to give equal states, bit for bit. */
export interface Trainer<C> { config: Kind<C, boolean>; check(job: Job<C>): StepPorts; fit(job: Job<C>): Fitted }
/** `export const trainer = train({…})`: a table becomes a fitted step of a model. */
export function train<C>(plugin: Trainer<C>): Exported<Trainer<C>>;

/**
 * A fitted step of a model. A row's answer depends on that row and the state alone. It reaches nothing: no config, no log, no clock; an
 * error is answered in words.
 */
export interface Step {
  /** What `score` made: the step's scorer, which knows version and kind of the state. */
  readonly scorer: Scorer;
  /** The columns wanted, in order. */
  readonly takes: Schema;
  /** The columns answered, in order. */
  readonly gives: Schema;
  /** The state: everything that `load` needs. Equal steps have to give equal bytes. */
  save(): Uint8Array;
  /** The columns of `gives`, one value a row. */
  score(rows: Batch): Record<string, Values>;
}
/** A scorer: the version of the state's format (raise it with every change), what the state is of (at most 255 bytes), how it is read. */
export interface ScorePlugin { version?: number; kind?: string; load(state: Uint8Array): Omit<Step, 'scorer' | 'save'> & Partial<Step> }
/** What the host calls of a scorer. */
export interface Scorer { readonly plugin: ScorePlugin; readonly version: number; readonly kind: string; load(part: Uint8Array, rest: number): void; score(rows: unknown): unknown }
/** `export const scorer = score({…})`: a fitted step scores rows. */
export function score(plugin: ScorePlugin): Scorer;

// ---- Words for people ----------------------------------------------------------------------------------------------------------

/** The stage's log, by level. Never part of the result. */
export const log: Record<'trace' | 'debug' | 'info' | 'warn' | 'error', (message: unknown) => void>;
/** Says how far the stage is, for the display alone; a total of 0 means that it is not known. */
export function progress(done: number, total?: number): void;
/** Records a figure, which is part of the result. `step` is for series such as one value per round. */
export function metric(name: string, value: number, options?: { step?: number | null; labels?: Record<string, string> }): void;
/** The candidate that looks most like `word`: within a third of its letters, and never the word itself. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined;
