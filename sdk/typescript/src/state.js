// The state of a step as bytes, in the frame of the Rust SDK: `lfstate1`, version (u32), length of the kind (u8), kind, length of the
// payload (u64), payload, CRC-32 (IEEE) of all before; little-endian.

import { decode, encode, octets } from './utf8.js';

const MAGIC = encode('lfstate1');

/** A payload in its frame. */
export function frame(payload, version, kind) {
  const name = encode(kind);
  if (name.length > 255) throw new TypeError('a kind has at most 255 bytes');
  const bytes = new Uint8Array(MAGIC.length + 13 + name.length + payload.length + 4), view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint32(8, version, true);
  view.setUint8(12, name.length);
  bytes.set(name, 13);
  view.setBigUint64(13 + name.length, BigInt(payload.length), true);
  bytes.set(payload, 21 + name.length);
  view.setUint32(bytes.length - 4, crc32(bytes.subarray(0, -4)), true);
  return bytes;
}

/** The payload of a frame; throws, in words, when it is not a whole one of that version and kind. */
export function unframe(state, version, kind) {
  if (state.length === 0) throw new TypeError('the state is empty');
  if (MAGIC.some((byte, at) => at < state.length && state[at] !== byte)) throw new TypeError('this is not the state of a step: it does not begin like one');
  const view = new DataView(state.buffer, state.byteOffset, state.length), size = state[12] ?? 0, start = 21 + size;
  if (state.length < start) throw new TypeError('the state is cut off');
  const name = decode(octets(state.subarray(13, 13 + size))) ?? '?', found = view.getUint32(8, true);
  if (name !== kind) throw new TypeError(`this is a state of "${name}", not of "${kind}"`);
  if (found !== version) throw new TypeError(`the state has version ${found} of its format and this scorer reads version ${version}: fit the step again, or score with the plugin that fitted it`);
  const missing = start + Number(view.getBigUint64(start - 8, true)) + 4 - state.length;
  if (missing > 0) throw new TypeError(`the state is cut off: ${missing} bytes are missing`);
  if (missing < 0) throw new TypeError(`${-missing} bytes stand behind the end of the state`);
  if (view.getUint32(state.length - 4, true) !== crc32(state.subarray(0, -4))) throw new TypeError('the state is damaged: its checksum is not that of its content');
  return state.slice(start, -4);
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0xedb88320 ^ (rest >>> 1) : rest >>> 1;
  return rest;
});

/** CRC-32 (IEEE 802.3, reflected). */
export function crc32(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = TABLE[(rest ^ byte) & 0xff] ^ (rest >>> 8);
  return (rest ^ 0xffffffff) >>> 0;
}
