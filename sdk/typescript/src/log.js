// Words for people: the stage's log, its progress, its figures.

import { job } from '#host';

function host() {
  if (job === null) throw new Error('a scorer has no log, progress or metric');
  return job;
}

const line = level => message => { host().log(level, String(message)); };

/** The stage's log, by level. */
export const log = { trace: line('trace'), debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') };

export function progress(done, total = 0) {
  host().progress(done, total);
}

export function metric(name, value, { step = null, labels = {} } = {}) {
  host().metric(name, value, step, Object.entries(labels).sort());
}
