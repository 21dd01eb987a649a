// A histogram's bars in numbers: how many weights each counts, how many of them a threshold removes, and which ones.
import { Buckets } from "./buckets.js";
/** @import { Layers } from "./layers.js" */
/** @import { Layer } from "../types.js" */

export const BINS = 81; // odd: one bar sits on zero

const OUTSIDE = BINS; // where no bar is

/** @typedef {ReturnType<typeof countBars>} Bars */

/** The bar of a value in a histogram from -reach to reach. @param {number} value @param {number} reach */
export const barOf = (value, reach) => (Math.abs(value) > reach ? OUTSIDE : Math.min(BINS - 1, Math.floor((value + reach) / ((2 * reach) / BINS))));

/** Where a bar begins. @param {number} bin @param {number} reach */
export const edgeOf = (bin, reach) => bin * ((2 * reach) / BINS) - reach;

/** The bar of each weight of a layer. @param {Layers} layers @param {Layer} layer @param {number} reach @returns {Uint8Array} */
export function binsOf(layers, layer, reach) {
  return layers.once(`bins of ${layer.name} up to ${reach}`, () => {
    const weights = layers.weightsOf(layer);
    const bins = new Uint8Array(layer.count);
    for (let i = 0; i < layer.count; i += 1) bins[i] = barOf(weights[i], reach);
    return bins;
  });
}

/**
 * Which bar each weight falls into, and how tall the bars are.
 * @param {Layers} layers
 * @param {Layer[]} parts the layers to count
 */
export function countBars(layers, parts) {
  let [low, high, sum, squares, count, size] = [Infinity, -Infinity, 0, 0, 0, 0];
  for (const part of parts) {
    const weights = layers.weightsOf(part);
    for (let i = 0; i < part.count; i += 1) {
      const w = weights[i];
      if (w < low) low = w;
      if (w > high) high = w;
      sum += w;
      squares += w * w;
    }
    count += part.count;
    size += part.size;
  }
  if (!count) low = high = 0;
  const reach = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const mean = count ? sum / count : 0;
  const std = count ? Math.sqrt(Math.max(squares / count - mean * mean, 0)) : 0;
  /** @type {number[]} */
  const totals = new Array(BINS).fill(0);
  const places = parts.map((part) => {
    const bins = binsOf(layers, part, reach);
    for (let i = 0; i < part.count; i += 1) totals[bins[i]] += 1;
    return { part, buckets: new Buckets(layers.ordered(part), layers.order(part), bins, BINS) };
  });
  // With one layer the distribution criterion measures from this layer's mean; with several there is no common zone.
  return { low, high, reach, mean, std, count, size, totals, places, single: parts.length === 1 };
}

/** How many weights of each bar are removed. @param {Bars} bars @param {(name: string) => number} thresholdOf the threshold of a layer, rounded */
export function countRemoved(bars, thresholdOf) {
  /** @type {number[]} */
  const removed = new Array(BINS).fill(0);
  for (const { part, buckets } of bars.places) {
    const threshold = thresholdOf(part.name);
    for (let bin = 0; bin < BINS; bin += 1) removed[bin] += buckets.removed(bin, threshold);
  }
  return removed;
}

/**
 * The two values between which weights are removed; null if the criterion has no such zone.
 * @param {number} threshold @param {string} criterion @param {Bars} bars @returns {[number, number] | null}
 */
export function removedZone(threshold, criterion, bars) {
  if (criterion === "magnitude") return [-threshold, threshold];
  if (criterion === "squared") return [-Math.sqrt(threshold), Math.sqrt(threshold)];
  if (criterion === "distribution" && bars.single) return [bars.mean - threshold * bars.std, bars.mean + threshold * bars.std];
  return null;
}

/** The score of a weight x: the inverse of `removedZone`. @param {number} x @param {string} criterion @param {Bars} bars */
export function scoreAt(x, criterion, bars) {
  /** @param {number} score */
  const short = (score) => Number(score.toPrecision(4));
  if (criterion === "magnitude") return short(Math.abs(x));
  if (criterion === "squared") return short(x * x);
  if (criterion === "distribution" && bars.single && bars.std > 0) return short(Math.abs(x - bars.mean) / bars.std);
  return null;
}
