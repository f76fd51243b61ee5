// The plugin's config: what may stand in it, and all that is wrong with it.

import { closest } from './text.js';

const share = value => typeof value === 'number' && value >= 0 && value <= 1;
const texts = value => Array.isArray(value) && value.every(item => typeof item === 'string');

/** Each key: its default, what it has to be, in code and in words. */
const KEYS = {
  'columns': [null, value => texts(value) && value.length > 0, 'a list of at least one column name'],
  'determines': [[], value => Array.isArray(value) && value.every(pair => texts(pair) && pair.length === 2), 'a list of pairs of column names'],
  'fail-above': [0.05, share, 'a share from 0 to 1'],
  'max-distinct': [200, value => Number.isInteger(value) && value >= 2 && value <= 2000, 'a whole number from 2 to 2000'],
  'rare-below': [0.01, share, 'a share from 0 to 1'],
  'typo-ratio': [0.05, share, 'a share from 0 to 1'],
  'warn-above': [0, share, 'a share from 0 to 1'],
};

const pointer = key => '/' + key.replaceAll('~', '~0').replaceAll('/', '~1');

/**
 * The settings of a config, and the problems ({pointer, message, help}). A key in trouble has its default in the settings, which
 * hold only when there are no problems.
 */
export function read(config) {
  const problems = [];
  const wrong = (key, message, help = null) => problems.push({ pointer: pointer(key), message, help });
  const settings = {};
  for (const key of Object.keys(config)) {
    if (!Object.hasOwn(KEYS, key)) wrong(key, `there is no key \`${key}\``, closest(key, Object.keys(KEYS)));
  }
  for (const [key, [otherwise, fits, wanted]] of Object.entries(KEYS)) {
    const given = Object.hasOwn(config, key);
    const good = !given || fits(config[key]);
    if (!good) wrong(key, `\`${key}\` has to be ${wanted}`);
    settings[key] = given && good ? config[key] : otherwise;
  }
  const repeated = settings.columns?.find((name, index) => settings.columns.indexOf(name) < index);
  if (repeated !== undefined) wrong('columns', `\`columns\` names "${repeated}" twice`);
  if (problems.length === 0 && settings['warn-above'] > settings['fail-above']) {
    wrong('warn-above', `\`warn-above\` (${settings['warn-above']}) is greater than \`fail-above\` (${settings['fail-above']})`, 'set both, or swap them');
  }
  return { settings, problems };
}

/** What is wrong with the settings for a table with these (top-level) fields. */
export function fit(settings, fields) {
  const places = (settings.columns ?? []).map((name, index) => [`/columns/${index}`, name]);
  settings.determines.forEach((pair, index) => pair.forEach((name, side) => places.push([`/determines/${index}/${side}`, name])));
  return places.flatMap(([pointer, name]) => {
    const field = fields.find(other => other.name === name);
    if (field?.format === 'u') return [];
    if (field) return [{ pointer, message: `column "${name}" does not hold text (its format is \`${field.format}\`)`, help: textColumns(fields) }];
    return [{ pointer, message: `the table has no column "${name}"`, help: closest(name, fields.map(other => other.name)) }];
  });
}

function textColumns(fields) {
  const names = fields.filter(field => field.format === 'u').map(field => field.name);
  return names.length > 0 ? `the text columns are: ${names.join(', ')}` : null;
}
