// The range of the axis that measured values stand on.
import { roundStepOf } from "./round_steps.js";

/**
 * Shares stand between 0 and 1, or from a higher start where all of them are high. Other values have an axis of their
 * own, which begins at 0 where that leaves them half of it.
 * @param {number[]} values @param {boolean} share
 * @returns {{low: number, high: number}}
 */
export function valueRange(values, share) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (share) return { low: values.length && least > 0.6 ? Math.floor(least * 20) / 20 : 0, high: 1 };
  if (!values.length) return { low: 0, high: 1 };
  const low = least >= 0 && 2 * least <= most ? 0 : least;
  const high = most <= 0 && 2 * most >= least ? 0 : most;
  const room = high > low ? high - low : Math.abs(high) || 1;
  const step = roundStepOf(10 ** Math.floor(Math.log10(room / 5)), (room / 5) * 0.999);
  const ends = high > low ? [low, high] : [low - step, high + step];
  const [first, last] = [Math.floor(ends[0] / step + 1e-9), Math.ceil(ends[1] / step - 1e-9)];
  return { low: Number((first * step).toPrecision(12)), high: Number((last * step).toPrecision(12)) };
}
