// What a drawn curve says between its points, and how far it is from what was measured.

/** A point of a drawn curve. @typedef {[sparsity: number, accuracy: number]} Spot */
/** @import { Point } from "../types.js" */
/** A measured point. @typedef {Point} Measured */
/** @typedef {{mean: number, largest: number, sparsity: number, expected: number, measured: number, n: number}} Gap mean and largest in percentage points, or in the unit of the measure */

const NEAR = 0.005; // as in expected.py

/** The accuracy of a curve at a sparsity, straight between its spots (ascending); null beyond its ends. @param {Spot[]} spots @param {number} sparsity @returns {number | null} */
export function heightAt(spots, sparsity) {
  if (!spots.length || sparsity < spots[0][0] - NEAR || sparsity > spots[spots.length - 1][0] + NEAR) return null;
  return heldAt(spots, sparsity);
}

/** As `heightAt`, but level beyond the ends. @param {Spot[]} spots @param {number} sparsity @returns {number} */
function heldAt(spots, sparsity) {
  const after = spots.findIndex(([s]) => s >= sparsity);
  if (after === -1) return spots[spots.length - 1][1];
  const [s1, a1] = spots[after];
  if (after === 0 || s1 === sparsity) return a1;
  const [s0, a0] = spots[after - 1];
  return a0 + ((sparsity - s0) / (s1 - s0)) * (a1 - a0);
}

/** The curve of a guess, which starts at the unpruned accuracy where that is known. @param {Spot[]} guess @param {number | null} unpruned @returns {Spot[]} */
export function curveOf(guess, unpruned) {
  /** @type {Spot[]} */
  const start = unpruned === null ? [] : [[0, unpruned]];
  return [...start, ...guess].sort(([a], [b]) => a - b);
}

/** Where a handle stands that was not set: on the line through those that were, level beyond them. @param {Spot[]} curve @param {number} sparsity @param {number} [middle] without a line @returns {number} */
export const restingHeight = (curve, sparsity, middle = 0.5) => (curve.length ? heldAt(curve, sparsity) : middle);

/** @param {Spot[]} guess @param {number | null} unpruned @param {Measured[]} points @param {number} [scale] 100 for percentage points @returns {Gap | null} null if no measured point lies in the curve's range */
export function gapBetween(guess, unpruned, points, scale = 100) {
  const curve = curveOf(guess, unpruned);
  /** @type {Gap | null} */
  let worst = null;
  let [sum, n] = [0, 0];
  for (const { sparsity, accuracy } of points) {
    const expected = heightAt(curve, sparsity);
    if (expected === null || (unpruned !== null && sparsity <= 0)) continue;
    const off = scale * Math.abs(expected - accuracy);
    [sum, n] = [sum + off, n + 1];
    if (!worst || off > worst.largest) worst = { mean: 0, largest: off, sparsity, expected, measured: accuracy, n: 0 };
  }
  return worst && { ...worst, mean: sum / n, n };
}

/**
 * The columns that a stroke passes between two positions, each with the height of the stroke there.
 * @param {[number, number][]} columns [x in pixels, sparsity]
 * @param {{x: number, y: number}} from
 * @param {{x: number, y: number}} to
 * @returns {[number, number][]} [sparsity, y in pixels]
 */
export function passed(columns, from, to) {
  const [low, high] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
  return columns
    .filter(([x]) => x >= low && x <= high)
    .map(([x, sparsity]) => [sparsity, from.x === to.x ? to.y : from.y + ((x - from.x) / (to.x - from.x)) * (to.y - from.y)]);
}
