// Runs a plugin on Node, against a host in memory. For tests alone: a plugin must not import it.

import { use } from './src/double.js';
import { Batch } from './src/columns.js';
import { encode } from './src/encode.js';
import { Job, Port, lendPort } from './src/job.js';
import { Field, Schema, adopt, lend } from './src/schema.js';
import { frame, unframe } from './src/state.js';
import { encode as utf8 } from './src/utf8.js';
import { checked, scored } from './src/worlds.js';

/** A table in memory. */
class MemoryTable {
  constructor(schema, batches) { Object.assign(this, { schema, batches }); }
}

export function table(columns, rowsPerBatch = 3) {
  const schema = new Schema(Object.entries(columns).map(([name, [type]]) => new Field(name, type)));
  const rows = Object.values(columns)[0]?.[1].length ?? 0, batches = [];
  for (let at = 0; at < rows; at += rowsPerBatch) {
    const parts = schema.fields.map(field => encode(field, columns[field.name][1].slice(at, at + rowsPerBatch)));
    batches.push({ rows: parts[0][0].length, columns: parts.flat() });
  }
  return new MemoryTable(schema, batches);
}

export class Bench {
  constructor(exported, config = {}, inputs = {}, { known = true, seed = 0, time = 0, state = null } = {}) {
    this.exported = exported;
    this.host = { config: JSON.stringify(config), inputs: [], tables: {}, blobs: {}, state, partition: null, seed, time, lines: [], metrics: [], progress: [] };
    for (const [name, content] of Object.entries(inputs)) this.add(name, content, known);
  }

  add(name, content, known) {
    const { host } = this;
    const available = content instanceof MemoryTable || content instanceof Uint8Array || typeof content === 'string';
    let port = { ...content, name };
    if (content instanceof MemoryTable) {
      port = Port.table(name, known ? content.schema : null);
      host.tables[name] = { schema: lend(content.schema), batches: content.batches };
    } else if (available) {
      port = Port.blob(name);
      host.blobs[name] = typeof content === 'string' ? utf8(content) : content;
    }
    host.inputs.push({ port: lendPort(port), available });
  }

  get lines() { return this.host.lines; }
  get metrics() { return this.host.metrics; }

  check() {
    use(this.host);
    const ports = checked(this.exported.plugin, new Job(this.exported.plugin.config));
    ports.forEach(lendPort);
    return ports;
  }

  run() {
    use(this.host);
    const { plugin } = this.exported, work = plugin.fit ?? plugin.run;
    return work.call(plugin, new Job(plugin.config));
  }

  raw(call) {
    use(this.host);
    return this.exported[call]();
  }
}

export function written(output) {
  const { raw } = output.content.writer;
  if (raw.parts !== undefined) return Uint8Array.from(raw.parts);
  const schema = adopt(raw.schema);
  return Object.fromEntries(schema.names.map(name => [name, raw.batches.flatMap(batch => new Batch(schema, 0, batch).column(name).toArray())]));
}

export function scoreWith(step, columns) {
  const { version, kind, plugin } = step.scorer;
  const loaded = plugin.load(unframe(frame(step.save(), version, kind), version, kind));
  const parts = loaded.takes.fields.flatMap(field => encode(field, columns[field.name]));
  const batch = new Batch(loaded.gives, 0, scored(loaded, { rows: Object.values(columns)[0].length, columns: parts }));
  return Object.fromEntries(loaded.gives.names.map(name => [name, batch.column(name).toArray()]));
}
