// What a stage answers with: problems, failures, findings, outputs.

import { didYouMean } from './suggest.js';

const EXAMPLES = 20; // the most rows that the host shows of a finding

/** Something that has to be mended before the stage can run. */
export class Problem {
  constructor(place, message, help = null) { Object.assign(this, { place, message, help }); }
  static stage(message, help) { return new Problem({ tag: 'stage' }, message, help); }
  static config(pointer, message, help) { return new Problem({ tag: 'config', val: pointer }, message, help); }
  static input(name, message, help) { return new Problem({ tag: 'input', val: name }, message, help); }
  static file(input, start, end, message, help) { return new Problem({ tag: 'file', val: { input, start, end } }, message, help); }

  suggest(word, candidates) {
    const known = [...candidates], guess = didYouMean(word, known);
    const help = guess !== undefined ? `did you mean "${guess}"?` : known.length > 0 ? `there is: ${known.join(', ')}` : null;
    return new Problem(this.place, this.message, help);
  }

  lend() { return { place: this.place, message: this.message, help: this.help }; }
}

/** Everything that has to be mended before the stage can run. */
export class Problems extends Error {
  constructor(...problems) {
    super(problems.map(problem => problem.message).join('; '));
    this.problems = problems;
  }

  static throwIf(problems) { if (problems.length > 0) throw new Problems(...problems); }
}

/** The data is not what it should be. */
export class DataError extends Error {}

/** The plugin has a fault that it noticed itself. */
export class InternalError extends Error {}

/** Throws a DataError. */
export function fail(message) {
  throw new DataError(message);
}

/** A finding; what is not given is as in one that passes and looked at nothing. */
export function finding(name, subject, rest = {}) {
  return { name, subject, verdict: 'pass', message: '', slice: null, value: null, limit: null, rows: 0, failed: 0, examples: [], input: 'table', ...rest };
}

function lendFinding({ examples, ...found }) {
  const shown = examples.slice(0, EXAMPLES);
  return { ...found, value: Number.isFinite(found.value) ? found.value : null, input: shown.length > 0 ? found.input : null, examples: shown };
}

/** A table as an output. */
export const table = (name, writer) => ({ name, content: { tag: 'table', writer } });
/** A blob as an output. */
export const blob = (name, writer) => ({ name, content: { tag: 'blob', writer } });

/** An output as the host wants it. */
export const lendOutput = ({ name, content }) => ({ name, content: { tag: content.tag, val: content.writer.raw } });

/** World `validate`: what a validation found. */
export class Report {
  constructor(findings, outputs = []) { Object.assign(this, { findings, outputs }); }
  lend() { return { findings: this.findings.map(lendFinding), outputs: this.outputs.map(lendOutput) }; }
}

/** World `train`: what is known of a step before it is fitted. */
export class StepPorts {
  constructor({ takes = null, gives = null, outputs = [] } = {}) { Object.assign(this, { takes, gives, outputs }); }
}

/** World `deploy`: what to do next. */
export const Action = {
  hold: () => ({ tag: 'hold' }),
  pause: () => ({ tag: 'pause' }),
  shift: arms => ({ tag: 'shift', val: arms }),
  promote: version => ({ tag: 'promote', val: version }),
  rollBack: version => ({ tag: 'roll-back', val: version }),
};

const RANKS = ['inconclusive', 'pass', 'warn', 'fail'];

/** World `monitor`: what a window showed; without a verdict, the worst of the findings'. */
export class Observation {
  constructor(findings, { state = null, verdict } = {}) {
    const worst = findings.reduce((rank, found) => Math.max(rank, RANKS.indexOf(found.verdict)), 0);
    Object.assign(this, { findings, state, verdict: verdict ?? RANKS[worst] });
  }

  lend(state) { return { verdict: this.verdict, findings: this.findings.map(lendFinding), state }; }
}
