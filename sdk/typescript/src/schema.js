// Schemas: the names and types of a table's columns.

// The name of a type -> its Arrow format (https://arrow.apache.org/docs/format/CDataInterface.html) and the array of its values.
const TYPES = {
  bool: ['b'], int8: ['c', Int8Array], uint8: ['C', Uint8Array], int16: ['s', Int16Array], uint16: ['S', Uint16Array],
  int32: ['i', Int32Array], uint32: ['I', Uint32Array], int64: ['l', BigInt64Array], uint64: ['L', BigUint64Array],
  float32: ['f', Float32Array], float64: ['g', Float64Array], text: ['u'], bytes: ['z'], date: ['tdD', Int32Array],
};
const NAMES = Object.fromEntries(Object.entries(TYPES).map(([name, [format]]) => [format, name]));
const TIMESTAMP = /^timestamp\[(s|ms|us|ns)(?:,\s*([^\]]+))?\]$/;
const VECTOR = /^(float32|float64)\[([1-9][0-9]*)\]$/;

/** A column: its name, its type, and whether it may hold nulls. */
export class Field {
  constructor(name, type, { nullable = true, metadata = {} } = {}) {
    Object.assign(this, { name, type, nullable, metadata });
    if (this.format === undefined) throw new TypeError(`column "${name}": there is no type "${type}"`);
  }

  get isNumber() { return TYPES[this.type]?.[1] !== undefined && this.type !== 'date'; }
  get isInteger() { return this.isNumber && !this.type.startsWith('float'); }
  get isTimestamp() { return TIMESTAMP.test(this.type); }
  get unit() { return TIMESTAMP.exec(this.type)?.[1]; }
  get zone() { return TIMESTAMP.exec(this.type)?.[2]; }
  get size() { const match = VECTOR.exec(this.type); return match === null ? undefined : Number(match[2]); }

  /** The type as Arrow's format string. */
  get format() {
    if (Object.hasOwn(TYPES, this.type)) return TYPES[this.type][0];
    if (this.isTimestamp) return `ts${this.unit === 'ns' ? 'n' : this.unit[0]}:${this.zone ?? ''}`;
    return this.size === undefined ? undefined : `+w:${this.size}`;
  }

  /** The class of the array of the values (of a vector: of its values); undefined where a value is no number in memory. */
  get array() {
    if (this.isTimestamp) return BigInt64Array;
    return TYPES[VECTOR.exec(this.type)?.[1] ?? this.type]?.[1];
  }
}

/** The columns of a table, in order. */
export class Schema {
  constructor(fields, metadata = {}) {
    this.fields = [...fields];
    this.metadata = metadata;
    const twice = this.names.find((name, index) => this.names.indexOf(name) < index);
    if (twice !== undefined) throw new TypeError(`column "${twice}" is there twice`);
  }

  static of(types) { return new Schema(Object.entries(types).map(([name, type]) => new Field(name, type))); }
  get names() { return this.fields.map(field => field.name); }
  get(name) { return this.fields.find(field => field.name === name); }
  select(names) {
    return new Schema(names.map(name => {
      const field = this.get(name);
      if (field === undefined) throw new TypeError(`there is no column "${name}"`);
      return field;
    }), this.metadata);
  }
  [Symbol.iterator]() { return this.fields[Symbol.iterator](); }
}

/** The schema that the host gave, as one of ours. */
export function adopt(schema) {
  const fields = [];
  for (let at = 0; at < schema.fields.length; at += 1 + schema.fields[at].children) {
    const { name, format, nullable, metadata } = schema.fields[at];
    fields.push(new Field(name, typeOf(format, schema.fields[at + 1]), { nullable, metadata: Object.fromEntries(metadata) }));
  }
  return new Schema(fields, Object.fromEntries(schema.metadata));
}

function typeOf(format, child) {
  if (Object.hasOwn(NAMES, format)) return NAMES[format];
  const time = /^ts([smun]):(.*)$/.exec(format);
  if (time !== null) return `timestamp[${time[1] === 's' ? 's' : `${time[1]}s`}${time[2] === '' ? '' : `, ${time[2]}`}]`;
  if (format.startsWith('+w:')) return `${NAMES[child.format]}[${format.slice(3)}]`;
  throw new TypeError(`this SDK does not know the format "${format}"; it is older than the host`);
}

/** Our schema as the host wants it. */
export function lend(schema) {
  const fields = [];
  for (const field of schema) {
    const children = field.size === undefined ? 0 : 1;
    fields.push({ name: field.name, format: field.format, nullable: field.nullable, children, metadata: Object.entries(field.metadata) });
    if (children > 0) fields.push({ name: 'item', format: field.array === Float32Array ? 'f' : 'g', nullable: false, children: 0, metadata: [] });
  }
  return { fields, metadata: Object.entries(schema.metadata) };
}
