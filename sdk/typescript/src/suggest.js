/** The candidate that looks most like `word`: within a third of its letters, and never the word itself; else undefined. */
export function didYouMean(word, candidates) {
  let best, least = Math.max(Math.floor(Array.from(word).length / 3), 1) + 1;
  for (const other of candidates) {
    const far = other === word ? Infinity : distance(word.toLowerCase(), other.toLowerCase());
    if (far < least) [best, least] = [other, far];
  }
  return best;
}

/** How many characters have to be put in, left out, replaced or swapped with their neighbour (optimal string alignment). */
function distance(left, right) {
  const [a, b] = [Array.from(left), Array.from(right)];
  let before = [], last = b.map((_, j) => j).concat(b.length);
  a.forEach((character, i) => {
    const row = [i + 1];
    b.forEach((other, j) => {
      let cost = Math.min(last[j + 1] + 1, row[j] + 1, last[j] + Number(character !== other));
      if (i > 0 && j > 0 && character === b[j - 1] && a[i - 1] === other) cost = Math.min(cost, before[j - 1] + 1);
      row.push(cost);
    });
    [before, last] = [last, row];
  });
  return last[b.length];
}
