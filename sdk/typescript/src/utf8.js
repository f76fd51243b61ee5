// UTF-8 without TextDecoder and TextEncoder, which QuickJS does not have.

// How many octets go into one call: each is an argument, and arguments lie on the stack.
const CHUNK = 4096;

/** Bytes as a string with one octet a character. */
export function octets(bytes) {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode.apply(null, bytes.subarray(at, at + CHUNK));
  return text;
}

/** The text of UTF-8 octets; undefined if they are no UTF-8. */
export function decode(octets) {
  if (/^[\0-\x7f]*$/.test(octets)) return octets;
  try {
    // Percent-encoding knows UTF-8, and is native.
    return decodeURIComponent(escape(octets));
  } catch {
    return undefined;
  }
}

/** The UTF-8 bytes of a text. Half a surrogate pair becomes U+FFFD. */
export function encode(text) {
  const octets = /^[\0-\x7f]*$/.test(text) ? text : unescape(encodeURIComponent(text.replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')));
  const bytes = new Uint8Array(octets.length);
  for (let at = 0; at < octets.length; at++) bytes[at] = octets.charCodeAt(at);
  return bytes;
}
