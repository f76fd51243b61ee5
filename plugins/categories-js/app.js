// The plugin: checks the config, reads the table once and answers findings.

import { Problem, Problems, Report, log, validate } from 'lockflight';
import { Pairs, Tally, findingOf, flaws, inconclusive } from './categories.js';
import { Settings, fit } from './settings.js';

const INPUT = 'table';
const MOST_PAIRS = 20000;

export const validator = validate({
  config: Settings,

  check(job) {
    const table = job.inputs.find(input => input.name === INPUT && input.kind === 'table');
    if (table === undefined) throw new Problems(Problem.input(INPUT, `there is no table \`${INPUT}\` to look at`, `add \`inputs = { ${INPUT} = "…" }\` to the stage`));
    if (table.schema !== null) Problems.throwIf(fit(job.config, table.schema));
    return [];
  },

  run(job) {
    const table = job.table(INPUT), settings = job.config;
    Problems.throwIf(fit(settings, table.schema));
    const texts = table.schema.fields.filter(field => field.type === 'text').map(field => field.name);
    const { tallies, pairs } = count(table, settings.columns ?? texts, settings);
    const findings = [];
    for (const [name, tally] of tallies) findings.push(...judge(name, tally, settings));
    for (const [names, pair] of pairs) findings.push(judgePair(names, pair, settings));
    return new Report(findings);
  },
});

/** Counts the values of the columns and the pairs of `determines` in a single pass over the table. */
function count(table, columns, settings) {
  const tallies = columns.map(name => [name, new Tally(settings['max-distinct'])]);
  const pairs = settings.determines.map(names => [names, new Pairs(MOST_PAIRS)]);
  const scanned = Array.from(new Set([...columns, ...settings.determines.flat()]));
  if (scanned.length === 0) return { tallies, pairs };
  for (const batch of table.scan(scanned)) {
    const values = new Map(scanned.map(name => [name, batch.text(name).toArray()]));
    for (const [name, tally] of tallies) {
      values.get(name).forEach((value, row) => { if (value !== null) tally.add(value, batch.start + row); });
    }
    for (const [[first, second], pair] of pairs) {
      const others = values.get(second);
      values.get(first).forEach((value, row) => { if (value !== null && others[row] !== null) pair.add(value, others[row], batch.start + row); });
    }
  }
  return { tallies, pairs };
}

/** The findings of a column: what was asked for by name is judged or inconclusive, what was not is left out when it is free text. */
function judge(name, tally, settings) {
  if (tally.full && settings.columns === undefined) {
    log.info(`column "${name}" has more than ${settings['max-distinct']} different values and is taken for free text`);
    return [];
  }
  const checks = ['variants'];
  if (settings['typo-ratio'] > 0) checks.push('typos');
  if (settings['rare-below'] > 0) checks.push('rare');
  if (tally.full) return checks.map(check => inconclusive(check, name, tally.rows, `more than ${settings['max-distinct']} different values (\`max-distinct\`)`));
  if (tally.rows === 0) return checks.map(check => inconclusive(check, name, 0, 'no values'));
  const found = flaws(tally, settings);
  return checks.map(check => findingOf(check, name, tally.rows, found[check], settings));
}

function judgePair(names, pair, settings) {
  const subject = names.join(', ');
  if (pair.full) return inconclusive('determines', subject, pair.rows, `more than ${MOST_PAIRS} different pairs`);
  if (pair.rows === 0) return inconclusive('determines', subject, 0, 'no values');
  return findingOf('determines', subject, pair.rows, pair.contradictions(), settings);
}
