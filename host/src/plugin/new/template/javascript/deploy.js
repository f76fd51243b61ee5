// Gives a new version half of the traffic, and all of it once a figure is known and fine.
import { Action, deploy, fail, integer, number, object, text } from 'lockflight';

export const deployer = deploy({
  config: object({
    metric: text({ minLength: 1, description: 'The figure that decides.' }),
    maximum: number({ description: 'The largest value of it that is fine.' }),
    count: integer({ min: 1, default: 100, description: 'How many observations it has to rest on.' }),
  }),

  check(job) {
    job.input('arms');
    job.input('figures');
    return [];
  },

  run(job) {
    const { metric, maximum, count } = job.config;
    /** @type {(input: string) => Record<string, any>[]} */
    const rows = input => [...job.table(input).scan()].flatMap(batch => batch.records());
    /** @type {string[]} */
    const versions = rows('arms').map(arm => arm.version);
    const newest = versions.at(-1) ?? fail('there is no version to decide on');
    const other = versions.at(-2);
    if (other === undefined) return { action: Action.promote(newest), reason: `${newest} is the only version` };

    // Of the figures over all of its traffic, the one that rests on the most observations.
    let value = -Infinity, observed = 0;
    for (const figure of rows('figures')) {
      const isMeant = figure.version === newest && figure.metric === metric && figure.slice === null;
      if (isMeant && figure.count > observed) [value, observed] = [figure.value, Number(figure.count)];
    }
    if (value > maximum) return { action: Action.rollBack(newest), reason: `${metric} of ${newest} is ${value}, above ${maximum}` };
    if (observed < count) {
      const half = [{ version: other, weight: 0.5 }, { version: newest, weight: 0.5 }];
      return { action: Action.shift(half), reason: `${metric} of ${newest} rests on ${observed} of ${count} observations` };
    }
    return { action: Action.promote(newest), reason: `${metric} of ${newest} is ${value}` };
  },
});
