/** Names that were meant to be others: a setting that is misspelt must not be silently nothing. */

/** Names shorter than that are too near to too many others. */
const SHORTEST = 8;
/** Letters that are wrong, missing, too many, or in each other's place. */
const FARTHEST = 2;

/** One sentence for each name that is given and unknown, where a known one like it is not given. */
export function misspelt(known: readonly string[], given: readonly string[]): string[] {
  const missing = known.filter((name) => !given.includes(name) && name.length >= SHORTEST);
  return given.flatMap((name) => {
    if (known.includes(name) || name.length < SHORTEST - 1) return [];
    const meant = missing.find((other) => distance(name.toUpperCase(), other) <= FARTHEST);
    return meant === undefined ? [] : [`${name} is no setting; ${meant} is`];
  });
}

/** Optimal string alignment: how many single changes turn one text into the other. */
function distance(one: string, other: string): number {
  if (Math.abs(one.length - other.length) > FARTHEST) return Infinity;
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      const changed = row[j - 1]! + (one[i - 1] === other[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1, swapped ? before[j - 2]! + 1 : Infinity));
    }
    [before, row] = [row, next];
  }
  return row[other.length]!;
}
