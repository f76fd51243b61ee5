// Blobs: bytes, read and written in parts.

import { BlobWriter as HostWriter } from '#host';
import { DataError } from './answers.js';
import { decode, encode, octets } from './utf8.js';

const PART = 16 * 1024 * 1024; // the most that the host hands over in a call

/** Bytes among the inputs. */
export class Blob {
  constructor(raw) {
    this.raw = raw;
    this.size = Number(raw.size());
  }

  read(offset = 0, length = this.size) {
    const end = Math.min(this.size, offset + length);
    if (end <= offset) return new Uint8Array(0);
    const bytes = new Uint8Array(end - offset);
    for (let at = offset; at < end;) {
      const part = this.raw.read(at, Math.min(end - at, PART));
      bytes.set(part, at - offset);
      at += part.length;
    }
    return bytes;
  }

  *parts(size = 1024 * 1024) {
    for (let at = 0; at < this.size; at += size) yield this.read(at, size);
  }

  text() {
    const text = decode(octets(this.read()));
    if (text === undefined) throw new DataError('the file is not UTF-8');
    return text.startsWith('\ufeff') ? text.slice(1) : text;
  }

  *lines(size = 1024 * 1024) {
    let rest = '', number = 0;
    for (const part of this.parts(size)) {
      const pieces = (rest + octets(part)).split('\n');
      rest = pieces.pop();
      for (const piece of pieces) yield line(piece, ++number);
    }
    if (rest !== '') yield line(rest, ++number);
  }
}

function line(octets, number) {
  const text = decode(octets);
  if (text === undefined) throw new DataError(`line ${number} is not UTF-8`);
  const begun = number === 1 && text.startsWith('\ufeff') ? text.slice(1) : text;
  return begun.endsWith('\r') ? begun.slice(0, -1) : begun;
}

/** A blob being written. */
export class BlobWriter {
  constructor(content) {
    Object.assign(this, { size: 0, raw: new HostWriter() });
    if (content !== undefined) this.write(content);
  }

  write(content) {
    const bytes = typeof content === 'string' ? encode(content) : content;
    for (let at = 0; at < bytes.length; at += PART) this.raw.write(bytes.subarray(at, at + PART));
    this.size += bytes.length;
  }
}
