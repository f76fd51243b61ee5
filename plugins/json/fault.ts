// Finds where a text stops being JSON: engines say it in different words, and QuickJS without the place.

/** Where the first fault is, and what it is. Only called for a text that is no JSON. */
export function fault(text: string): { offset: number; message: string } {
  const reader: Reader = new Reader(text);
  try {
    reader.value(0);
    reader.space();
    reader.wrong(reader.at < text.length ? 'something stands behind the end of the record' : 'this is not JSON');
  } catch (error) {
    if (error instanceof Fault) return { offset: error.offset, message: error.message };
    throw error;
  }
}

class Fault extends Error {
  offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const DEEPEST = 500;

class Reader {
  at = 0;
  text: string;
  constructor(text: string) {
    this.text = text;
  }

  wrong(message: string): never {
    throw new Fault(this.at, message);
  }

  /** Names what stands here. */
  here(): string {
    return this.at < this.text.length ? JSON.stringify(String.fromCodePoint(this.text.codePointAt(this.at) ?? 0)) : 'the end';
  }

  space(): void {
    this.take(/[ \t\n\r]*/y);
  }

  take(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found !== null) this.at += found[0].length;
    return found !== null;
  }

  value(depth: number): void {
    if (depth > DEEPEST) this.wrong(`values are nested deeper than ${DEEPEST}`);
    this.space();
    const first = this.text[this.at];
    if (first === '{') this.members(depth);
    else if (first === '[') this.items(depth);
    else if (first === '"') this.string();
    else if (!this.take(/-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?(?![\w.])|true\b|false\b|null\b/y)) this.wrong(`a value is missing, there is ${this.here()}`);
  }

  members(depth: number): void {
    this.list('}', () => {
      if (this.text[this.at] !== '"') this.wrong(`a key in double quotes is missing, there is ${this.here()}`);
      this.string();
      this.space();
      if (!this.take(/:/y)) this.wrong(`a colon is missing behind a key, there is ${this.here()}`);
      this.value(depth + 1);
    });
  }

  items(depth: number): void {
    this.list(']', () => this.value(depth + 1));
  }

  /** What stands between brackets, divided by commas. */
  list(close: string, item: () => void): void {
    this.at++;
    this.space();
    if (this.text[this.at] === close) {
      this.at++;
      return;
    }
    for (;;) {
      this.space();
      item();
      this.space();
      if (this.text[this.at] === close) break;
      if (!this.take(/,/y)) this.wrong(`a comma or ${close} is missing, there is ${this.here()}`);
    }
    this.at++;
  }

  string(): void {
    // eslint-disable-next-line no-control-regex
    this.take(/"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y);
    if (!this.take(/"/y)) this.wrong(this.text[this.at] === '\\' ? 'there is no such escape' : this.at < this.text.length ? 'a line end or control character stands in a text' : 'a text does not end');
  }
}
