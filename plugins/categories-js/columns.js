// Reads Arrow's buffers as the host hands them over.

/** The schema's fields without the children of nested ones (the fields are in pre-order). */
export function topLevel(schema) {
  const fields = [];
  for (let at = 0; at < schema.fields.length; at = behind(schema.fields, at)) fields.push(schema.fields[at]);
  return fields;
}

function behind(fields, at) {
  let end = at + 1;
  for (let child = 0; child < fields[at].children; child++) end = behind(fields, end);
  return end;
}

// How many octets go into one call: each is an argument, and arguments lie on the stack.
const CHUNK = 4096;

/**
 * The rows of a text column: for each its UTF-8 octets, as a string with one octet a character, or null. Such strings are equal when
 * the texts are, so only different values ever need decoding.
 */
export function textRows(column) {
  let octets = '';
  for (let at = 0; at < column.values.length; at += CHUNK) {
    octets += String.fromCharCode.apply(null, column.values.subarray(at, at + CHUNK));
  }
  const offsets = int32s(column.offsets);
  const rows = new Array(column.length);
  for (let row = 0; row < column.length; row++) {
    const present = column.validity === null || ((column.validity[row >> 3] >> (row & 7)) & 1) === 1;
    rows[row] = present ? octets.slice(offsets[row], offsets[row + 1]) : null;
  }
  return rows;
}

/** The buffer's 32 bit integers; copied first where it is not aligned to them. */
function int32s(bytes) {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
}
