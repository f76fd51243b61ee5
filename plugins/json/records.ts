// Cuts a file into records, each with the line it begins in.

import { fail } from 'lockflight';
import type { Blob } from 'lockflight';
import { fault } from './fault.ts';

/** A JSON object of the file, and the number of its first line, counted from 1. */
export interface Record { line: number; value: { [key: string]: unknown } }

/** How the records stand in the file, by its first character that is no white space. An empty file has no lines. */
export function formatOf(blob: Blob): 'array' | 'lines' {
  for (const part of blob.parts(4096)) {
    for (const byte of part) {
      if (byte === 0x5b) return 'array';
      // White space, and the bytes of a byte order mark.
      if (![0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf].includes(byte)) return 'lines';
    }
  }
  return 'lines';
}

/** The records of a file with one on each line; empty lines are none. */
export function* ofLines(blob: Blob): Generator<Record, void, void> {
  let line = 0;
  for (const text of blob.lines()) {
    line++;
    if (text.trim() !== '') yield { line, value: parse(text, line) };
  }
}

/** The records of a file that is an array. */
export function* ofArray(blob: Blob): Generator<Record, void, void> {
  const text = blob.text();
  let at = skip(text, 0), line = lines(text, 0, at);
  if (text[at] !== '[') fail(`line ${line + 1}: an array has to begin with [`);
  let next = skip(text, at + 1);
  const move = (to: number) => {
    line += lines(text, at, to);
    at = to;
  };
  move(next);
  if (text[at] !== ']') {
    for (;;) {
      const end = endOf(text, at);
      yield { line: line + 1, value: parse(text.slice(at, end), line + 1) };
      move(next = skip(text, end));
      if (text[at] === ']') break;
      if (text[at] !== ',') fail(`line ${line + 1}: ${at < text.length ? `${JSON.stringify(text[at])} stands` : 'the file ends'} where a comma or ] has to follow a record`);
      move(skip(text, at + 1));
    }
  }
  const rest = skip(text, at + 1);
  if (rest < text.length) fail(`line ${line + lines(text, at, rest) + 1}: something stands behind the end of the array`);
}

/** The first place from `at` that is no white space. */
function skip(text: string, at: number): number {
  while (' \t\n\r'.includes(text[at] ?? 'x')) at++;
  return at;
}

/** How many line ends there are in a stretch. */
function lines(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** Where the value that begins at `at` ends: behind its last bracket, or before the comma or bracket that follows it. */
function endOf(text: string, at: number): number {
  const marks = /["{}[\],]/g;
  let depth = 0;
  marks.lastIndex = at;
  for (let found = marks.exec(text); found !== null; found = marks.exec(text)) {
    const mark = found[0];
    if (mark === '"') marks.lastIndex = endOfString(text, found.index);
    else if (mark === '{' || mark === '[') depth++;
    else if (depth === 0) return found.index;
    else if (mark !== ',' && --depth === 0) return found.index + 1;
  }
  return text.length;
}

function endOfString(text: string, at: number): number {
  const marks = /["\\]/g;
  marks.lastIndex = at + 1;
  for (let found = marks.exec(text); found !== null; found = marks.exec(text)) {
    if (found[0] === '"') return found.index + 1;
    marks.lastIndex = found.index + 2;
  }
  return text.length;
}

function parse(text: string, line: number): { [key: string]: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const { offset, message } = fault(text);
    fail(`line ${line + lines(text, 0, offset)}: ${message}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(`line ${line}: a record has to be a JSON object, and this is ${kindOf(value)}`);
  return value as { [key: string]: unknown };
}

/** A JSON value in a word. */
export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : typeof value === 'string' ? 'a text' : typeof value === 'boolean' ? 'true or false' : 'a number';
}
