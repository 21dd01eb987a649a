// Hands of a class, counted by answer.

/** How many hands. @param {number[]} hands of each answer */
export const total = (hands) => hands.reduce((sum, n) => sum + n, 0);

/**
 * How many hands moved nearer to what was found, and away from it, at least: as `moved` of hands.py.
 * @param {number[]} before hands of each answer @param {number[]} after
 * @param {number} place the row of what was found @param {boolean} ranged whether a row is the nearer the fewer rows lie between
 */
export function moved(before, after, place, ranged) {
  const far = before.map((_, row) => (ranged ? Math.abs(row - place) : Number(row !== place)));
  const gains = [];
  for (let reach = 0; reach <= Math.max(...far); reach += 1) gains.push(before.reduce((sum, n, row) => (far[row] <= reach ? sum + after[row] - n : sum), 0));
  const more = gains[gains.length - 1];
  return { nearer: Math.max(0, Math.max(...gains) - Math.max(0, more)), further: Math.max(0, -Math.min(...gains) - Math.max(0, -more)) };
}
