// The job: everything a call gets.

import { job as host } from '#host';
import { Problem, Problems } from './answers.js';
import { Blob } from './blobs.js';
import { readConfig } from './config.js';
import { adopt, lend } from './schema.js';
import { didYouMean } from './suggest.js';
import { Table } from './tables.js';

/** A named place where data goes in or out. */
export const Port = {
  table: (name, schema = null) => ({ name, kind: 'table', schema }),
  blob: name => ({ name, kind: 'blob', schema: null }),
};

/** A port as the host wants it. */
export const lendPort = ({ name, kind, schema }) => ({ name, kind, schema: schema === null ? null : lend(schema) });

const WORDS = { table: 'table', blob: 'file' };

/** Everything a call gets: the config, typed, and the inputs. */
export class Job {
  constructor(kind) {
    this.config = readConfig(kind, host.config());
    this.inputs = host.inputs().map(({ port, available }) => ({ ...port, schema: port.schema === null ? null : adopt(port.schema), available }));
  }

  input(name) {
    const found = this.inputs.find(input => input.name === name);
    if (found !== undefined) return found;
    const names = this.inputs.map(input => input.name);
    const message = `the stage needs an input "${name}", and has ${names.length > 0 ? names.join(', ') : 'none'}`;
    const guess = didYouMean(name, names);
    throw new Problems(guess === undefined ? Problem.stage(message, `add \`inputs = { ${name} = "…" }\` to the stage`) : Problem.input(guess, message, `call it "${name}"`));
  }

  only(kind) {
    const [found, second] = this.inputs.filter(input => input.kind === kind);
    if (found === undefined) throw new Problems(Problem.stage(`the stage needs a ${WORDS[kind]} as its input`));
    if (second !== undefined) throw new Problems(Problem.input(second.name, `the stage takes one ${WORDS[kind]} only`));
    return found;
  }

  table(name = 'table') {
    this.need(name, 'table');
    return new Table(host.openTable(name));
  }

  blob(name) {
    this.need(name, 'blob');
    return new Blob(host.openBlob(name));
  }

  need(name, kind) {
    const found = this.input(name);
    if (!found.available) throw new Problems(Problem.input(name, `the ${WORDS[found.kind]} does not exist before the run`));
    if (found.kind !== kind) throw new Problems(Problem.input(name, `this is a ${WORDS[found.kind]}; the stage needs a ${WORDS[kind]} here`));
  }

  get seed() { return Number(host.seed()); }
  get time() { return Number(host.time()); }
  get partition() { return host.partition(); }
  get state() {
    const state = host.state();
    return state === null ? null : new Blob(state).read();
  }
}
