// The component: checks the config, reads the table once and answers findings.

import { config, inputs, log, openTable } from 'lockflight:stage/job@0.1.0';
import { Pairs, Tally, finding, flaws, inconclusive } from './categories.js';
import { textRows, topLevel } from './columns.js';
import { fit, read } from './settings.js';

const INPUT = 'table';
const MOST_PAIRS = 20000;

/** The exported interface `validator`. */
export const validator = {
  check() {
    const port = inputs().map(entry => entry.port).find(port => port.name === INPUT && port.kind === 'table');
    if (port === undefined) throw [noInput()];
    const { problems } = settingsFor(port.schema);
    if (problems.length > 0) throw problems;
    return [];
  },

  run() {
    const table = openTable(INPUT);
    const schema = table.schema();
    const { settings, problems } = settingsFor(schema);
    if (problems.length > 0) throw { tag: 'config', val: problems };
    const texts = topLevel(schema).filter(field => field.format === 'u').map(field => field.name);
    const { tallies, pairs } = count(table, settings.columns ?? texts, settings);
    const findings = [];
    for (const [name, tally] of tallies) findings.push(...judge(name, tally, settings));
    for (const [names, pair] of pairs) findings.push(judgePair(names, pair, settings));
    return { findings, outputs: [] };
  },
};

function noInput() {
  return { place: { tag: 'input', val: INPUT }, message: `there is no table \`${INPUT}\` to look at`, help: `add \`inputs = { ${INPUT} = "…" }\` to the stage` };
}

/** The settings, and all that is wrong with them for this schema (null: not known yet). */
function settingsFor(schema) {
  const { settings, problems } = read(JSON.parse(config()));
  const all = schema === null ? problems : [...problems, ...fit(settings, topLevel(schema))];
  return { settings, problems: all.map(({ pointer, message, help }) => ({ place: { tag: 'config', val: pointer }, message, help })) };
}

/** Counts the values of the columns and the pairs of `determines` in a single pass over the table. */
function count(table, columns, settings) {
  const tallies = columns.map(name => [name, new Tally(settings['max-distinct'])]);
  const pairs = settings.determines.map(names => [names, new Pairs(MOST_PAIRS)]);
  const scanned = Array.from(new Set([...columns, ...settings.determines.flat()]));
  if (scanned.length === 0) return { tallies, pairs };
  const batches = table.scan(scanned, 0);
  let start = 0;
  for (let batch = batches.next(); batch !== null; batch = batches.next()) {
    const values = new Map(scanned.map((name, index) => [name, textRows(batch.columns[index])]));
    for (const [name, tally] of tallies) {
      values.get(name).forEach((value, row) => { if (value !== null) tally.add(value, start + row); });
    }
    for (const [[first, second], pair] of pairs) {
      const others = values.get(second);
      values.get(first).forEach((value, row) => { if (value !== null && others[row] !== null) pair.add(value, others[row], start + row); });
    }
    start += batch.rows;
  }
  return { tallies, pairs };
}

/** The findings of a column: what was asked for by name is judged or inconclusive, what was not is left out when it is free text. */
function judge(name, tally, settings) {
  if (tally.full && settings.columns === null) {
    log('info', `column "${name}" has more than ${settings['max-distinct']} different values and is taken for free text`);
    return [];
  }
  const checks = ['variants'];
  if (settings['typo-ratio'] > 0) checks.push('typos');
  if (settings['rare-below'] > 0) checks.push('rare');
  if (tally.full) return checks.map(check => inconclusive(check, name, tally.rows, `more than ${settings['max-distinct']} different values (\`max-distinct\`)`));
  if (tally.rows === 0) return checks.map(check => inconclusive(check, name, 0, 'no values'));
  const found = flaws(tally, settings);
  return checks.map(check => finding(check, name, tally.rows, found[check], settings, INPUT));
}

function judgePair(names, pair, settings) {
  const subject = names.join(', ');
  if (pair.full) return inconclusive('determines', subject, pair.rows, `more than ${MOST_PAIRS} different pairs`);
  if (pair.rows === 0) return inconclusive('determines', subject, 0, 'no values');
  return finding('determines', subject, pair.rows, pair.contradictions(), settings, INPUT);
}
