// Fails if a column has negative values. A null is no value.
import { Problem, Problems, Report, finding, object, text, validate } from 'lockflight';

export const validator = validate({
  config: object({ column: text({ minLength: 1, description: 'The column to look at.' }) }),

  check(job) {
    const { column } = job.config, { schema } = job.input('table');
    if (schema !== null && schema.get(column) === undefined) {
      throw new Problems(Problem.config('/column', `the table has no column "${column}"`).suggest(column, schema.names));
    }
    return [];
  },

  run(job) {
    const { column } = job.config;
    let rows = 0, failed = 0;
    for (const batch of job.table('table').scan([column])) {
      for (const value of batch.number(column).floats(0)) if (value < 0) failed++;
      rows += batch.rows;
    }
    const message = `${failed} of ${rows} rows have a negative ${column}`;
    return new Report([finding('no-negatives', column, { rows, failed, message, verdict: failed > 0 ? 'fail' : 'pass' })]);
  },
});
