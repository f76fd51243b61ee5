// The worlds: each function makes of a plugin what its module exports for the world.

import { BlobWriter as HostBlob } from '#host';
import { DataError, InternalError, Problem, Problems, StepPorts, lendOutput } from './answers.js';
import { Batch } from './columns.js';
import { jsonSchema } from './config.js';
import { encode } from './encode.js';
import { Job, Port, lendPort } from './job.js';
import { lend } from './schema.js';
import { frame, unframe } from './state.js';
import { encode as utf8 } from './utf8.js';

// The builder finds the config's schema in the memory of the component, where it stands from the moment the module was run. A typed
// array lies there in one piece.
const facts = [];

/** The schema as the builder looks for it: a mark, the world, the length of the JSON, the JSON in ASCII. */
export function told(world, config) {
  const json = JSON.stringify(jsonSchema(config)).replace(/[^\0-\x7f]/g, unit => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return utf8(`lockflight config ${world} ${json.length} ${json}`);
}

/** The ports that a plugin answers `check` with. */
export function checked(plugin, job) {
  const ports = plugin.check(job);
  if (!(ports instanceof StepPorts)) return ports ?? [];
  return [Port.table('takes', ports.takes), Port.table('gives', ports.gives), ...ports.outputs];
}

function stage(world, lendAnswer) {
  return plugin => {
    facts.push(told(world, plugin.config));
    return {
      plugin,
      check: () => answered(() => checked(plugin, new Job(plugin.config)).map(lendPort), problems => problems, message => [Problem.stage(message).lend()]),
      run: () => answered(() => lendAnswer(plugin, new Job(plugin.config)), problems => ({ tag: 'config', val: problems }), message => ({ tag: 'data', val: message })),
    };
  };
}

/** What the work answers; its failures are thrown as the host wants them, and other errors as they are. */
function answered(work, ofProblems, ofData) {
  try {
    return work();
  } catch (error) {
    if (error instanceof Problems) throw ofProblems(error.problems.map(problem => problem.lend()));
    if (error instanceof DataError) throw ofData(error.message);
    if (error instanceof InternalError) throw { tag: 'internal', val: error.message };
    throw error;
  }
}

function lendState(state) {
  if (state === null || state === undefined) return null;
  const writer = new HostBlob();
  writer.write(state);
  return writer;
}

export const ingest = stage('ingest', (plugin, job) => plugin.run(job).map(lendOutput));

export const validate = stage('validate', (plugin, job) => plugin.run(job).lend());

export const monitor = stage('monitor', (plugin, job) => {
  const observation = plugin.run(job);
  return observation.lend(lendState(observation.state));
});

export const deploy = stage('deploy', (plugin, job) => {
  const { action, reason, state } = plugin.run(job);
  return { action, reason, state: lendState(state) };
});

export const packaging = stage('packaging', (plugin, job) => {
  const { artifactType, configType, config, layers = [], annotations = {} } = plugin.run(job);
  const layer = ({ mediaType, content, annotations: own = {} }) => ({ mediaType, annotations: Object.entries(own).sort(), content: content.raw });
  return { artifactType, configType, config: config.raw, layers: layers.map(layer), annotations: Object.entries(annotations).sort() };
});

export const train = stage('train', (plugin, job) => {
  const { step, outputs = [] } = plugin.fit(job), { version, kind } = step.scorer;
  return { state: lendState(frame(step.save(), version, kind)), takes: lend(step.takes), gives: lend(step.gives), outputs: outputs.map(lendOutput) };
});

/** Keeps the parts of a state until it is whole, then the step. */
export function score(plugin) {
  let parts = [], rest = null, step = null;
  const scorer = { version: plugin.version ?? 1, kind: plugin.kind ?? '' };
  return {
    plugin, ...scorer,
    load(part, next) {
      const before = rest, come = Number(next);
      step = null;
      if (before !== null && before - part.length !== come) {
        [parts, rest] = [[], null];
        throw `the parts of the state do not fit together: ${before} bytes were to come, then ${part.length} came and ${come} are to come`;
      }
      parts.push(part);
      rest = come;
      if (come > 0) return;
      const state = joined(parts);
      [parts, rest] = [[], null];
      step = said(() => plugin.load(unframe(state, scorer.version, scorer.kind)));
    },
    score(rows) {
      if (step === null) throw 'there is no state yet: load comes before score';
      return said(() => scored(step, rows));
    },
  };
}

/** The host's batch of a step's answer to a batch of the host's. */
export function scored(step, rows) {
  const answer = step.score(new Batch(step.takes, 0, rows));
  const columns = step.gives.fields.flatMap(field => {
    if (!Object.hasOwn(answer, field.name)) throw new TypeError(`the scorer has a fault: it does not answer column "${field.name}"`);
    const part = encode(field, answer[field.name]);
    if (part[0].length !== rows.rows) throw new TypeError(`the scorer has a fault: it answers ${part[0].length} values for ${rows.rows} rows in column "${field.name}"`);
    return part;
  });
  return { rows: rows.rows, columns };
}

function joined(parts) {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** What the work answers; an error becomes the scorer's, in words, since it has no log. */
function said(work) {
  try {
    return work();
  } catch (error) {
    throw error instanceof Error ? error.message : String(error);
  }
}
