// Pulls all columns of a table of float64 and adds up the last value of each batch, so that each column is really there.

import { Report, finding, object, progress, validate } from 'lockflight';

export const validator = validate({
  config: object({}),

  check(job) {
    job.input('table');
    return [];
  },

  run(job) {
    const table = job.table('table');
    const names = table.schema.fields.map(field => field.name);
    let rows = 0, value = 0;
    // The two reports tell the host when the scan begins and ends.
    progress(0, table.rows);
    for (const batch of table.scan()) {
      for (const name of names) value += Number(batch.number(name).required()[batch.rows - 1]);
      rows += batch.rows;
    }
    progress(rows, table.rows);
    return new Report([finding('sum-of-last', 'table', { rows, value })]);
  },
});
