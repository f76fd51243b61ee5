// Text: folding, and how near two texts are.

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
