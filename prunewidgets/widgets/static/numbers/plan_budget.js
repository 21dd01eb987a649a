// A budget on a logarithmic slider, and the choice that it allows.
/** @import { PlanPoint } from "../types.js" */

/** Steps of the slider. */
export const STEPS = 400;

/** The index of the last choice within the budget, which is the best one; the first if none is. @param {PlanPoint[]} points by cost @param {number} budget */
export function chosenAt(points, budget) {
  return Math.max(
    0,
    points.findLastIndex(({ cost }) => cost <= budget),
  );
}

/** The budget at a share of the axis. @param {number} share @param {number} low @param {number} high */
export function budgetAt(share, low, high) {
  if (share <= 0) return low;
  return share >= 1 ? high : low * (high / low) ** share;
}

/** The share of the axis at a budget. @param {number} budget @param {number} low @param {number} high */
export const shareOf = (budget, low, high) => (high > low ? Math.log(budget / low) / Math.log(high / low) : 1);

/** Round values of a logarithmic axis, at most about as many as wanted: 1, 2 and 5 of each decade, or 1 alone. @param {number} low @param {number} high @param {number} wanted */
export function logTicks(low, high, wanted) {
  for (const digits of [[1, 2, 5], [1, 3], [1]]) {
    const ticks = [];
    for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); decade += 1)
      for (const digit of digits) ticks.push(Number((digit * 10 ** decade).toPrecision(12)));
    const within = ticks.filter((tick) => tick >= low && tick <= high);
    if (within.length <= wanted || digits.length === 1) return within;
  }
  return [];
}
