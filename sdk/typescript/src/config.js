// Configs: what may stand in them, all that is wrong with one, and their JSON Schema.

import { Problem, Problems } from './answers.js';
import { didYouMean } from './suggest.js';

/** A kind of value: its form, its limits, its JSON Schema, and how it is read. */
class Kind {
  constructor(parts) {
    Object.assign(this, { read: (value, _pointer, _problems) => value, within: () => true, words: [] }, parts);
  }

  optional() { return new Kind({ ...this, isOptional: true }); }

  /** The value, read; what is wrong with it is added to `problems`. */
  value(value, pointer, problems) {
    if (this.has(value) && this.within(value)) return this.read(value, pointer, problems);
    const guess = typeof value === 'string' ? didYouMean(value, this.words) : undefined;
    problems.push(Problem.config(pointer, `${named(pointer)} has to be ${this.phrase}`, guess === undefined ? null : `did you mean "${guess}"?`));
    return undefined;
  }

  /** The JSON Schema, with description and default. */
  schema() {
    const { description, default: otherwise } = this.options ?? {};
    return { ...this.shape(), ...description === undefined ? {} : { description }, ...otherwise === undefined ? {} : { default: otherwise } };
  }
}

export const any = (options = {}) => new Kind({ options, has: () => true, phrase: 'a value', shape: () => ({}) });

export const boolean = (options = {}) => new Kind({ options, has: value => typeof value === 'boolean', phrase: 'true or false', shape: () => ({ type: 'boolean' }) });

export const text = (options = {}) => new Kind({
  options, has: value => typeof value === 'string', within: value => fits(value.length, options), shape: () => ({ type: 'string', ...sizes('Length', options) }),
  phrase: options.minLength === 1 ? 'a text that is not empty' : options.minLength === undefined ? 'a text' : `a text of at least ${options.minLength} characters`,
});

export const number = (options = {}) => numeric('number', 'a number', Number.isFinite, options);

export const integer = (options = {}) => numeric('integer', 'a whole number', Number.isInteger, options);

function numeric(type, word, has, options) {
  const { min, above, max, below } = options;
  const low = min !== undefined ? ` from ${min}` : above !== undefined ? ` above ${above}` : '';
  const high = max !== undefined ? `${low === '' ? ' up' : ''} to ${max}` : below !== undefined ? `${low === '' ? '' : ' and'} below ${below}` : min !== undefined ? ' up' : '';
  const bounds = { minimum: min, exclusiveMinimum: above, maximum: max, exclusiveMaximum: below };
  return new Kind({
    options, has, phrase: word + low + high, shape: () => ({ type, ...defined(bounds) }),
    within: value => !(value < min || value <= above || value > max || value >= below),
  });
}

export const choice = (words, options = {}) => new Kind({
  options, words, has: value => words.includes(value), phrase: either(words.map(word => `\`${word}\``)), shape: () => ({ enum: words }),
});

export const list = (of, options = {}) => new Kind({
  options, has: Array.isArray, within: value => fits(value.length, options) && !(options.unique && new Set(value).size < value.length),
  read: (value, pointer, problems) => value.map((item, index) => of.value(item, `${pointer}/${index}`, problems)),
  phrase: listPhrase(options), shape: () => ({ type: 'array', items: of.schema(), ...sizes('Items', options), ...options.unique ? { uniqueItems: true } : {} }),
});

function listPhrase({ minLength, maxLength, unique }) {
  const parts = [minLength === undefined ? '' : `at least ${minLength}`, maxLength === undefined ? '' : `at most ${maxLength}`].filter(part => part !== '').join(' and ');
  return parts === '' && !unique ? 'a list' : `a list of ${[parts, unique ? 'different' : '', 'values'].filter(part => part !== '').join(' ')}`;
}

export const tuple = (kinds, options = {}) => new Kind({
  options, has: value => Array.isArray(value) && value.length === kinds.length,
  read: (value, pointer, problems) => value.map((item, index) => kinds[index].value(item, `${pointer}/${index}`, problems)),
  phrase: `a list of ${kinds.length}: ${kinds.map(kind => kind.phrase).join(', ')}`,
  shape: () => ({ type: 'array', prefixItems: kinds.map(kind => kind.schema()), minItems: kinds.length, maxItems: kinds.length }),
});

export const map = (of, options = {}) => new Kind({
  options, has: isTable, phrase: 'a table', shape: () => ({ type: 'object', additionalProperties: of.schema() }),
  read: (value, pointer, problems) => Object.fromEntries(Object.entries(value).map(([name, item]) => [name, of.value(item, `${pointer}/${escaped(name)}`, problems)])),
});

export const oneOf = (kinds, options = {}) => new Kind({
  options, words: kinds.flatMap(kind => kind.words), has: value => kinds.some(kind => kind.has(value) && kind.within(value)),
  read: (value, pointer, problems) => kinds.find(kind => kind.has(value) && kind.within(value)).read(value, pointer, problems),
  phrase: either(kinds.map(kind => kind.phrase)), shape: () => ({ anyOf: kinds.map(kind => kind.schema()) }),
});

export const object = (keys, options = {}) => new Kind({
  options, has: isTable, phrase: 'a table',
  read: (value, pointer, problems) => readKeys(keys, options, value, pointer, problems),
  shape() {
    const properties = Object.fromEntries(Object.entries(keys).map(([name, kind]) => [name, kind.schema()]));
    const required = Object.keys(keys).filter(name => isRequired(keys[name]));
    return { type: 'object', additionalProperties: false, properties, ...required.length > 0 ? { required } : {} };
  },
});

const isRequired = kind => !kind.isOptional && kind.options.default === undefined;

function readKeys(keys, options, value, pointer, problems) {
  const before = problems.length, known = Object.keys(keys), answer = {};
  for (const name of Object.keys(value).filter(name => !Object.hasOwn(keys, name)).sort()) {
    const guess = didYouMean(name, known);
    const help = guess !== undefined ? `did you mean "${guess}"?` : known.length > 0 ? `known are ${known.join(', ')}` : 'there are no keys here';
    problems.push(Problem.config(`${pointer}/${escaped(name)}`, `there is no key "${name}"`, help));
  }
  for (const [name, kind] of Object.entries(keys)) {
    if (Object.hasOwn(value, name)) answer[name] = kind.value(value[name], `${pointer}/${escaped(name)}`, problems);
    else if (isRequired(kind)) problems.push(Problem.config(pointer, `the key \`${name}\` is missing`, `it has to be ${kind.phrase}`));
    else answer[name] = structured(kind.options.default);
  }
  if (problems.length === before && options.check !== undefined) {
    for (const { place, message, help } of options.check(answer)) {
      problems.push(new Problem(place.tag === 'config' ? { tag: 'config', val: pointer + place.val } : place, message, help));
    }
  }
  return answer;
}

/** The config of a JSON text; throws all that is wrong with it. */
export function readConfig(kind, json) {
  const problems = [];
  const config = kind.value(JSON.parse(json), '', problems);
  Problems.throwIf(problems);
  return config;
}

/** The JSON Schema (draft 2020-12) of a config. */
export const jsonSchema = kind => ({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...kind.schema() });

/** A copy of a default, so that a plugin cannot change it for the next call. */
const structured = value => value === undefined ? undefined : JSON.parse(JSON.stringify(value));
const isTable = value => typeof value === 'object' && value !== null && !Array.isArray(value);
const fits = (length, { minLength = 0, maxLength = Infinity }) => length >= minLength && length <= maxLength;
const defined = entries => Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== undefined));
const sizes = (of, { minLength, maxLength }) => defined({ [`min${of}`]: minLength, [`max${of}`]: maxLength });
const either = words => words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
const escaped = name => name.replaceAll('~', '~0').replaceAll('/', '~1');

/** The value at a JSON pointer as messages name it. */
function named(pointer) {
  if (pointer === '') return 'the config';
  const [first, ...rest] = pointer.slice(1).split('/').map(step => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return `\`${first}${rest.map(step => /^\d+$/.test(step) ? `[${step}]` : `.${step}`).join('')}\``;
}
