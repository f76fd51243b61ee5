// Centres a column: learns its mean from the rows that have a value, and gives the column without it.
import { Port, Problem, Problems, Schema, StepPorts, TableWriter, fail, object, score, table, text, train } from 'lockflight';

const LEARNED = Schema.of({ column: 'text', mean: 'float64' });

/**
 * What the scorer does, given the column and its mean.
 *
 * @param {string} column
 * @param {number} mean
 */
function centre(column, mean) {
  const centred = `${column}_centred`;
  return {
    takes: Schema.of({ [column]: 'float64' }),
    gives: Schema.of({ [centred]: 'float64' }),
    /** @param {import('lockflight').Batch} rows */
    score: rows => ({ [centred]: rows.number(column).toArray().map(value => value === null ? null : value - mean) }),
  };
}

export const scorer = score({
  version: 1,
  kind: '{{name}}',
  load(state) {
    const letters = Array.from(state, byte => String.fromCharCode(byte)).join('');
    const { column, mean } = JSON.parse(decodeURIComponent(letters));
    return centre(column, mean);
  },
});

/**
 * The state is JSON in ASCII: QuickJS has no TextEncoder.
 *
 * @param {string} column
 * @param {number} mean
 */
function save(column, mean) {
  return Uint8Array.from(encodeURIComponent(JSON.stringify({ column, mean })), letter => letter.charCodeAt(0));
}

export const trainer = train({
  config: object({ column: text({ minLength: 1, description: 'The column to centre.' }) }),

  check(job) {
    const { column } = job.config, { schema } = job.input('table');
    const field = schema?.get(column);
    if (schema !== null && field === undefined) {
      throw new Problems(Problem.config('/column', `the table has no column "${column}"`).suggest(column, schema.names));
    }
    if (field !== undefined && field.type !== 'float64') {
      throw new Problems(Problem.config('/column', `column "${column}" is ${field.type}, not float64`));
    }
    const { takes, gives } = centre(column, 0);
    return new StepPorts({ takes, gives, outputs: [Port.table('learned', LEARNED)] });
  },

  fit(job) {
    const { column } = job.config;
    let count = 0, total = 0;
    for (const batch of job.table('table').scan([column])) {
      for (const value of batch.number(column).toArray()) {
        if (value === null) continue;
        count++;
        total += value;
      }
    }
    if (count === 0) fail(`column "${column}" has no value, and so no mean`);
    const mean = total / count;
    const learned = new TableWriter(LEARNED);
    learned.write({ column: [column], mean: [mean] });
    return { step: { ...centre(column, mean), scorer, save: () => save(column, mean) }, outputs: [table('learned', learned)] };
  },
});
