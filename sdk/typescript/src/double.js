// A double of the host in memory, for tests on Node: the same names and shapes as the bindings. `testing.js` fills it.

let host = { config: '{}', inputs: [], tables: {}, blobs: {}, state: null, partition: null, seed: 0, time: 0, lines: [], metrics: [], progress: [] };

/** Makes `other` the host that is asked. */
export function use(other) {
  host = other;
}

class MemoryBlob {
  constructor(bytes) { this.bytes = bytes; }
  size() { return this.bytes.length; }
  read(offset, length) { return this.bytes.slice(offset, offset + length); }
}

class MemoryTable {
  constructor({ schema, batches }) { Object.assign(this, { fields: schema, batches }); }
  schema() { return this.fields; }
  rows() { return this.batches.reduce((sum, batch) => sum + batch.rows, 0); }
  scan(columns) {
    const spans = new Map();
    for (let at = 0; at < this.fields.fields.length; at += 1 + this.fields.fields[at].children) {
      spans.set(this.fields.fields[at].name, this.fields.fields.map((_, index) => index).slice(at, at + 1 + this.fields.fields[at].children));
    }
    const wanted = (columns ?? [...spans.keys()]).flatMap(name => spans.get(name));
    let next = 0;
    return {
      next: () => {
        const batch = this.batches[next++];
        return batch === undefined ? null : { rows: batch.rows, columns: wanted.map(index => batch.columns[index]) };
      },
    };
  }
}

/** The functions of `lockflight:stage/job`. */
export const job = {
  config: () => host.config,
  seed: () => host.seed,
  time: () => host.time,
  state: () => host.state === null ? null : new MemoryBlob(host.state),
  partition: () => host.partition,
  inputs: () => [...host.inputs].sort((a, b) => (a.port.name < b.port.name ? -1 : 1)),
  openTable: name => new MemoryTable(host.tables[name]),
  openBlob: name => new MemoryBlob(host.blobs[name]),
  log: (level, message) => { host.lines.push([level, message]); },
  progress: (done, total) => { host.progress.push([done, total]); },
  metric: (name, value, step, labels) => { host.metrics.push({ name, value, step, labels: Object.fromEntries(labels) }); },
};

/** A table being written, whose batches can be looked at. */
export class TableWriter {
  constructor(schema) { Object.assign(this, { schema, batches: [] }); }
  write(batch) { this.batches.push(batch); }
}

/** A blob being written, whose bytes can be looked at. */
export class BlobWriter {
  constructor() { this.parts = []; }
  write(bytes) { this.parts.push(...bytes); }
}
