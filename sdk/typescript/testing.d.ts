/** Runs a plugin on Node, against a host in memory. For tests alone: a plugin must not import it. */

import type { Exported, Output, Port, Step } from 'lockflight';

/** A table in memory. */
export interface MemoryTable { readonly schema: import('lockflight').Schema }
/** A table of columns {name: [type, values]}, null for a null, in batches of `rowsPerBatch` (default 3, so that tests cross their ends). */
export function table(columns: Record<string, [string, readonly unknown[]]>, rowsPerBatch?: number): MemoryTable;

/** A plugin with a host around it. */
export class Bench<P extends { run?(job: any): any; fit?(job: any): any }> {
  /** Inputs are a table, bytes, a text, or a Port for what is yet to be made; with `known` false no table's schema is known in `check`. */
  constructor(exported: Exported<P>, config?: Record<string, unknown>, inputs?: Record<string, MemoryTable | Uint8Array | string | Port>,
    options?: { known?: boolean; seed?: number; time?: number; state?: Uint8Array | null });
  /** What was logged: level and message. */
  readonly lines: [string, string][];
  /** The figures that were recorded. */
  readonly metrics: { name: string; value: number; step: number | null; labels: Record<string, string> }[];
  /** The ports that the plugin answers `check` with; throws what it throws. */
  check(): Port[];
  /** What the plugin answers `run` (or `fit`) with; throws what it throws. */
  run(): P extends { run(job: any): infer A } ? A : P extends { fit(job: any): infer A } ? A : never;
  /** What the host would get; throws what it would. */
  raw(call: 'check' | 'run'): any;
}

/** What was written to an output: {column: values} of a table, the bytes of a blob. */
export function written(output: Output): any;
/** The answer of a step for rows given by columns, after its state went through bytes. */
export function scoreWith(step: Step, columns: Record<string, readonly unknown[]>): Record<string, unknown[]>;
