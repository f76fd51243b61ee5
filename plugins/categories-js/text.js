// Text: decoding, folding, and how near two texts are.

/**
 * The text of UTF-8 octets, given as a string with one octet a character. QuickJS has no TextDecoder; the host lets nothing through
 * that is not UTF-8, so ill-formed octets need no care.
 */
export function decodeUtf8(octets) {
  if (/^[\0-\x7f]*$/.test(octets)) return octets;
  let text = '';
  for (let at = 0; at < octets.length;) {
    const lead = octets.charCodeAt(at);
    const size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    let point = size === 1 ? lead : lead & (0xff >> (size + 1));
    for (let next = 1; next < size; next++) point = (point << 6) | (octets.charCodeAt(at + next) & 0x3f);
    text += String.fromCodePoint(point);
    at += size;
  }
  return text;
}

/** What is left of a text when case, the form of accents, and the amount of white space do not count. */
export function fold(text) {
  return text.normalize('NFC').toLowerCase().replace(/\s+/gu, ' ').trim();
}

/**
 * The characters in which two texts differ, if a single edit makes one of the other: a character put in, left out or replaced, or
 * two neighbours swapped. Otherwise null.
 */
export function singleEdit(left, right) {
  const [a, b] = [Array.from(left), Array.from(right)];
  if (Math.abs(a.length - b.length) > 1) return null;
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  let [endA, endB] = [a.length, b.length];
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) { endA--; endB--; }
  const [restA, restB] = [a.slice(start, endA), b.slice(start, endB)];
  const swapped = restA.length === 2 && restB.length === 2 && restA[0] === restB[1] && restA[1] === restB[0];
  const single = restA.length <= 1 && restB.length <= 1 && restA.length + restB.length > 0;
  return swapped || single ? [...restA, ...restB] : null;
}

/** The help for a name that is none of `names`: the nearest of them, or all. */
export function closest(name, names) {
  const near = names.find(other => fold(other) === fold(name))
    ?? (name.length > 2 ? names.find(other => singleEdit(fold(other), fold(name)) || other.startsWith(name) || name.startsWith(other)) : undefined);
  if (near !== undefined) return `did you mean "${near}"?`;
  return names.length > 0 ? `there is: ${names.join(', ')}` : null;
}
