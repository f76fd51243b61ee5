// The SDK: what plugins import as `lockflight`. Its types and docs are in lockflight.d.ts.

export { Action, DataError, InternalError, Observation, Problem, Problems, Report, StepPorts, blob, fail, finding, table } from './src/answers.js';
export { Batch, BoolColumn, BytesColumn, Column, NumberColumn, TextColumn, VectorColumn } from './src/columns.js';
export { any, boolean, choice, integer, list, map, number, object, oneOf, text, tuple } from './src/config.js';
export { Blob, BlobWriter } from './src/blobs.js';
export { Job, Port } from './src/job.js';
export { log, metric, progress } from './src/log.js';
export { Field, Schema } from './src/schema.js';
export { didYouMean } from './src/suggest.js';
export { Table, TableWriter } from './src/tables.js';
export { deploy, ingest, monitor, packaging, score, train, validate } from './src/worlds.js';
