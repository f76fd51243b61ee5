// Stands in for the host: the functions of `lockflight:stage/job` over a table held in memory.

export let config, inputs, openTable;
export const logged = [];
export const log = (level, message) => logged.push([level, message]);

/** Values (null for a null) as the buffers of a text column. What stands under a null is deliberately not empty. */
export function textColumn(values) {
  const parts = values.map(value => new TextEncoder().encode(value ?? '?'));
  const offsets = new Int32Array(values.length + 1);
  parts.forEach((part, row) => { offsets[row + 1] = offsets[row] + part.length; });
  const bytes = new Uint8Array(offsets[values.length]);
  parts.forEach((part, row) => bytes.set(part, offsets[row]));
  let validity = null;
  if (values.includes(null)) {
    validity = new Uint8Array(Math.ceil(values.length / 8));
    values.forEach((value, row) => { if (value !== null) validity[row >> 3] |= 1 << (row & 7); });
  }
  return { length: values.length, validity, offsets: new Uint8Array(offsets.buffer), values: bytes };
}

export const field = (name, format, children = 0) => ({ name, format, nullable: true, children, metadata: [] });

/** Sets the job: a config and one table of text columns {name: values} in batches of three rows, besides a column `n` of numbers. */
export function give(settings, columns, known = true) {
  const schema = { fields: [field('n', 'g'), ...Object.keys(columns).map(name => field(name, 'u'))], metadata: [] };
  config = () => JSON.stringify(settings);
  inputs = () => [{ port: { name: 'table', kind: 'table', schema: known ? schema : null }, available: true }];
  openTable = () => ({
    schema: () => schema,
    scan(names) {
      let at = 0;
      return {
        next() {
          const rows = Math.min(3, columns[names[0]].length - at);
          if (rows <= 0) return null;
          at += rows;
          return { rows, columns: names.map(name => textColumn(columns[name].slice(at - rows, at))) };
        },
      };
    },
  });
}

/** Sets a job without inputs. */
export function giveNothing() {
  config = () => '{}';
  inputs = () => [];
}
