// The plugin's config, and what is wrong with it for a table.

import { Problem, integer, list, number, object, text, tuple } from 'lockflight';

const share = (otherwise, description) => number({ min: 0, max: 1, default: otherwise, description });

/** Which columns hold categories, what counts as a flaw of them, and how many flawed rows are bearable. */
export const Settings = object({
  'columns': list(text(), { minLength: 1, unique: true, description: 'The columns to look at, all of them text. Left out: every text column with few enough values.' }).optional(),
  'determines': list(tuple([text(), text()]), { default: [], description: 'Pairs of text columns: each value of the first may occur with a single value of the second.' }),
  'fail-above': share(0.05, 'The share of flawed rows above which the verdict is `fail`; 1 never fails. Not below `warn-above`.'),
  'max-distinct': integer({ min: 2, max: 2000, default: 200, description: 'A column with more different values than this is free text and not judged.' }),
  'rare-below': share(0.01, 'A category with less than this share of the column\'s rows is rare; 0 looks for no rare ones.'),
  'typo-ratio': share(0.05, 'A value one edit away from another is a likely typo when it has at most this share of the other\'s rows; 0 looks for no typos.'),
  'warn-above': share(0, 'The share of flawed rows above which the verdict is `warn`.'),
}, { check, description: 'Which columns hold categories, what counts as a flaw of them, and how many flawed rows are bearable.' });

/** What is wrong between the keys. */
function check(settings) {
  if (settings['warn-above'] <= settings['fail-above']) return [];
  return [Problem.config('/warn-above', `\`warn-above\` (${settings['warn-above']}) is greater than \`fail-above\` (${settings['fail-above']})`, 'set both, or swap them')];
}

/** What is wrong with the settings for a table with these columns. */
export function fit(settings, schema) {
  const places = (settings.columns ?? []).map((name, index) => [`/columns/${index}`, name]);
  settings.determines.forEach((pair, index) => pair.forEach((name, side) => places.push([`/determines/${index}/${side}`, name])));
  const texts = schema.fields.filter(field => field.type === 'text').map(field => field.name);
  return places.flatMap(([pointer, name]) => {
    const field = schema.get(name);
    if (field?.type === 'text') return [];
    if (field === undefined) return [Problem.config(pointer, `the table has no column "${name}"`).suggest(name, schema.names)];
    return [Problem.config(pointer, `column "${name}" does not hold text (its type is ${field.type})`, texts.length > 0 ? `the text columns are: ${texts.join(', ')}` : null)];
  });
}
