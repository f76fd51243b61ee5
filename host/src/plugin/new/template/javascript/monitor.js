// Fails a window in which too many rows have no value in a column.
import { Observation, Problem, Problems, finding, monitor, number, object, text } from 'lockflight';

export const monitorer = monitor({
  config: object({
    column: text({ minLength: 1, description: 'The column to watch.' }),
    limit: number({ min: 0, max: 1, default: 0.1, description: 'The largest share of rows without a value that is fine.' }),
  }),

  check(job) {
    const { column } = job.config, { schema } = job.input('window');
    if (schema !== null && schema.get(column) === undefined) {
      throw new Problems(Problem.config('/column', `the window has no column "${column}"`).suggest(column, schema.names));
    }
    return [];
  },

  run(job) {
    const { column, limit } = job.config;
    let rows = 0, failed = 0;
    for (const batch of job.table('window').scan([column])) {
      failed += batch.column(column).nullCount;
      rows += batch.rows;
    }
    const value = rows === 0 ? null : failed / rows;
    const verdict = value === null ? 'inconclusive' : value > limit ? 'fail' : 'pass';
    const message = `${failed} of ${rows} rows have no value`;
    return new Observation([finding('no-value', column, { verdict, value, limit: `<= ${limit}`, rows, failed, message })]);
  },
});
