// Counts the values of columns and finds the flaws among them.

import { finding } from 'lockflight';
import { fold, singleEdit } from './text.js';

const EXAMPLES = 20;
const SHOWN = 3;
// Shorter values are often codes, in which a single character makes another code.
const SHORTEST_TYPO = 4;

/** How often each value of a column occurs, and its first rows. More than `limit` different values are not kept. */
export class Tally {
  constructor(limit) {
    this.limit = limit;
    this.rows = 0;
    this.values = new Map();
  }

  /** Whether there are too many different values to be categories. */
  get full() {
    return this.values.size > this.limit;
  }

  /** Counts a value. */
  add(value, row) {
    this.rows++;
    if (this.full) return;
    let entry = this.values.get(value);
    if (entry === undefined) this.values.set(value, (entry = { count: 0, rows: [] }));
    entry.count++;
    if (entry.rows.length < EXAMPLES) entry.rows.push(row);
  }

  /** The values as [{text, count, rows}], the frequent ones first, equally frequent ones by their text. */
  entries() {
    return Array.from(this.values, ([text, entry]) => ({ text, ...entry })).sort(byCount);
  }
}

const byCount = (a, b) => b.count - a.count || (a.text < b.text ? -1 : 1);

/**
 * The flaws among the values of a column: three lists of {entry, of}, where `of` is the entry that is probably meant. A value is
 * flawed in one way at most: as a variant of another, else as a typo, else as a rare one.
 */
export function flaws(tally, settings) {
  const variants = [], typos = [], rare = [];
  const spellings = new Map();
  for (const entry of tally.entries()) {
    const folded = fold(entry.text);
    const first = spellings.get(folded);
    if (first === undefined) {
      spellings.set(folded, { ...entry, folded, total: entry.count });
    } else {
      variants.push({ entry, of: first });
      first.total += entry.count;
    }
  }
  const categories = Array.from(spellings.values()).sort((a, b) => b.total - a.total || byCount(a, b));
  for (const entry of categories) {
    const of = categories.find(other => isTypo(entry, other, settings['typo-ratio']));
    if (of !== undefined) typos.push({ entry, of });
    else if (entry.total < settings['rare-below'] * tally.rows) rare.push({ entry });
  }
  return { variants, typos, rare };
}

/** Whether an entry is a likely typo of another. `Cohort 1` and `Cohort 2` are not: digits tell things apart. */
function isTypo(entry, other, ratio) {
  if (entry.total > ratio * other.total || Array.from(entry.folded).length < SHORTEST_TYPO) return false;
  const differing = singleEdit(entry.folded, other.folded);
  return differing !== null && !differing.some(character => /\p{N}/u.test(character));
}

/** Which values of a second column occur with each value of a first. More than `limit` pairs are not kept. */
export class Pairs {
  constructor(limit) {
    this.limit = limit;
    this.rows = 0;
    this.size = 0;
    this.first = new Map();
  }

  /** Whether there are too many different pairs to be kept. */
  get full() {
    return this.size > this.limit;
  }

  /** Counts a pair of values. */
  add(first, second, row) {
    this.rows++;
    if (this.full) return;
    let tally = this.first.get(first);
    if (tally === undefined) this.first.set(first, (tally = new Tally(Infinity)));
    const before = tally.values.size;
    tally.add(second, row);
    this.size += tally.values.size - before;
  }

  /** The pairs that contradict the most frequent one of the same first value, as flaws. */
  contradictions() {
    return Array.from(this.first, ([first, tally]) => {
      const [of, ...others] = tally.entries();
      return others.map(entry => ({ entry: { ...entry, text: `${first} / ${entry.text}` }, of }));
    }).flat().sort((a, b) => byCount(a.entry, b.entry));
  }
}

/** The finding of one check over flaws, judged by the share of rows they make up. `rows` is at least 1. */
export function findingOf(name, subject, rows, found, settings) {
  const flawed = found.map(flaw => flaw.entry);
  const failed = flawed.reduce((sum, entry) => sum + entry.count, 0);
  const value = failed / rows;
  const verdict = value > settings['fail-above'] ? 'fail' : value > settings['warn-above'] ? 'warn' : 'pass';
  const bound = settings[verdict === 'fail' ? 'fail-above' : 'warn-above'];
  const examples = flawed.flatMap(entry => entry.rows).sort((a, b) => a - b).slice(0, EXAMPLES);
  const message = failed === 0 ? WORDS[name][0] : `${WORDS[name][1]}: ${listed(found)}`;
  return finding(name, subject, { verdict, value, limit: `<= ${bound}`, rows, failed, message, examples });
}

/** The finding of a check that could not be made. */
export function inconclusive(name, subject, rows, message) {
  return finding(name, subject, { verdict: 'inconclusive', rows, message });
}

/** What a check says when it finds nothing, and when it does. */
const WORDS = {
  variants: ['every value is spelled in one way', 'spelled differently'],
  typos: ['no value looks like a typo', 'likely typos'],
  rare: ['no category is rare', 'rare categories'],
  determines: ['each value of the first column has a single one of the second', 'contradictions'],
};

function listed(found) {
  const shown = found.slice(0, SHOWN).map(({ entry, of }) => {
    const meant = of === undefined ? '' : `, otherwise ${JSON.stringify(of.text)}`;
    return `${JSON.stringify(entry.text)} (${entry.count} ${entry.count === 1 ? 'row' : 'rows'}${meant})`;
  });
  if (found.length > SHOWN) shown.push(`${found.length - SHOWN} more`);
  return shown.join(', ');
}
