// A line through two columns, fitted and applied: the steps of models that an author in TypeScript writes, for tests of the host.

import { Schema, StepPorts, metric, object, score, text, train } from 'lockflight';
import type { Batch, Scorer, Step } from 'lockflight';

function line(feature: string, a: number, b: number): Step {
  return {
    scorer, takes: Schema.of({ [feature]: 'float64' }), gives: Schema.of({ predicted: 'float64' }),
    save: () => Uint8Array.from(JSON.stringify([feature, a, b]), character => character.charCodeAt(0)),
    score: (rows: Batch) => ({ predicted: rows.number(feature).toArray().map(x => x === null ? null : a + b * x) }),
  };
}

export const scorer: Scorer = score({
  kind: 'line-ts',
  load(state) {
    const [feature, a, b] = JSON.parse(String.fromCharCode(...state));
    return line(feature, a, b);
  },
});

export const trainer = train({
  config: object({ target: text(), feature: text() }),
  check: ({ config }) => new StepPorts({ takes: Schema.of({ [config.feature]: 'float64' }), gives: Schema.of({ predicted: 'float64' }) }),
  fit(job) {
    let n = 0, sx = 0, sy = 0, sxx = 0, sxy = 0;
    for (const batch of job.table('table').scan([job.config.feature, job.config.target])) {
      const xs = batch.number(job.config.feature).floats(), ys = batch.number(job.config.target).floats();
      for (let row = 0; row < batch.rows; row++) {
        const x = xs[row], y = ys[row];
        if (Number.isNaN(x) || Number.isNaN(y)) continue;
        [n, sx, sy, sxx, sxy] = [n + 1, sx + x, sy + y, sxx + x * x, sxy + x * y];
      }
    }
    const b = (n * sxy - sx * sy) / (n * sxx - sx * sx);
    metric('slope', b);
    return { step: line(job.config.feature, (sy - b * sx) / n, b) };
  },
});
