// Reads a text file with a number on each line into a table of one column. Lines with nothing on them are skipped.
import { Port, Schema, TableWriter, fail, ingest, object, table, text } from 'lockflight';

export const ingester = ingest({
  config: object({ column: text({ minLength: 1, description: 'What to call the column.' }) }),

  check(job) {
    job.only('blob');
    return [Port.table('table', Schema.of({ [job.config.column]: 'float64' }))];
  },

  run(job) {
    const { column } = job.config;
    const values = [];
    let at = 0;
    for (const line of job.blob(job.only('blob').name).lines()) {
      at++;
      if (line.trim() === '') continue;
      const value = Number(line);
      if (Number.isNaN(value)) fail(`line ${at}: "${line}" is no number`);
      values.push(value);
    }
    const writer = new TableWriter(Schema.of({ [column]: 'float64' }));
    writer.write({ [column]: values });
    return [table('table', writer)];
  },
});
