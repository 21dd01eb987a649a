// Scores in rank order: from a threshold to a count and back. Numbers only; nothing here touches the page.

import { roundStepOf } from "./round_steps.js";
/** @import { Bytes, Dtype, Floats } from "../types.js" */

/**
 * The floats in a message's binary buffer.
 * @param {Bytes} data
 * @param {Dtype} dtype
 * @returns {Floats}
 */
export function floats(data, dtype) {
  return dtype === "float64" ? numbersIn(data, Float64Array) : numbersIn(data, Float32Array);
}

/** Numbers of 64 bits in a message's binary buffer. @param {Bytes} data */
export const doubles = (data) => numbersIn(data, Float64Array);

/**
 * @template {Floats} T
 * @param {Bytes} data
 * @param {{new (length: number): T, new (buffer: ArrayBuffer, offset?: number, length?: number): T, BYTES_PER_ELEMENT: number}} Type
 * @returns {T}
 */
function numbersIn(data, Type) {
  if (!data || data.byteLength === 0) return new Type(0);
  const { buffer, byteOffset } = data;
  const byteLength = data.byteLength - (data.byteLength % Type.BYTES_PER_ELEMENT); // without an incomplete last number
  // A buffer may start anywhere in its message; a typed array needs an aligned start.
  if (byteOffset % Type.BYTES_PER_ELEMENT) return new Type(buffer.slice(byteOffset, byteOffset + byteLength));
  return new Type(buffer, byteOffset, byteLength / Type.BYTES_PER_ELEMENT);
}

/** The rounding that NumPy applies to a threshold before it compares. @param {Dtype} dtype @returns {(x: number) => number} */
export const rounding = (dtype) => (dtype === "float64" ? (x) => x : Math.fround);

/** First index whose value is not below x. @param {Floats} values @param {number} x */
export function lowerBound(values, x) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle] < x) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The next float32 or float64 above a finite x. @param {number} x @param {Dtype} dtype */
function nextAbove(x, dtype) {
  if (dtype === "float64") {
    const bits = new BigInt64Array(new Float64Array([x + 0]).buffer); // + 0 turns -0 into 0
    bits[0] += x < 0 ? -1n : 1n;
    return new Float64Array(bits.buffer)[0];
  }
  const bits = new Int32Array(new Float32Array([x + 0]).buffer);
  bits[0] += x < 0 ? -1 : 1;
  const next = new Float32Array(bits.buffer)[0];
  // Infinity cannot be sent to the kernel; this number rounds to it in float32.
  return next === Infinity ? 3.5e38 : next;
}

/** The integer nearest to a number >= 0, half to even: Python's round. @param {number} x */
export function roundHalfEven(x) {
  const down = Math.floor(x);
  const part = x - down;
  return part > 0.5 || (part === 0.5 && down % 2 === 1) ? down + 1 : down;
}

/**
 * Scores in ascending order, and how many lie below each.
 *
 * Complete: `values` holds every score. Sampled (a model too large to send): `values` are some of the scores
 * and `below[i]` is the exact number of all scores under `values[i]`, so every stop is exact and a
 * threshold between two stops is moved to the upper one.
 */
export class Ranking {
  /**
   * @param {Floats} values ascending
   * @param {Dtype} dtype
   * @param {Float64Array<ArrayBuffer> | null} below
   * @param {number} total number of all scores
   */
  constructor(values, dtype, below = null, total = values.length) {
    this.values = values;
    this.dtype = dtype;
    this.below = below;
    this.total = total;
    this.round = rounding(dtype);
    this.min = values.length ? values[0] : 0;
    this.max = values.length ? values[values.length - 1] : 0;
    // The smallest threshold that removes everything.
    this.top = nextAbove(this.max, dtype);
  }

  /** How many scores come before the one at an index. @param {number} index */
  #rank(index) {
    if (index >= this.values.length) return this.total;
    return this.below ? this.below[index] : index;
  }

  /** The threshold itself; in a sampled ranking the next stop up, where the count is exact. @param {number} threshold */
  snap(threshold) {
    if (!this.below || this.values.length === 0) return threshold;
    const rounded = this.round(threshold);
    const index = lowerBound(this.values, rounded);
    return index < this.values.length ? this.values[index] : Math.max(rounded, this.top);
  }

  /** The greatest stop under a threshold: one step down where stops are far apart. @param {number} threshold */
  stopBelow(threshold) {
    const index = lowerBound(this.values, this.round(threshold)) - 1;
    return index < 0 ? Math.min(0, this.min) : this.values[index];
  }

  /** Whether `removed` is exact at this threshold: always, unless it lies between two stops of a sample. @param {number} threshold */
  exactAt(threshold) {
    const rounded = this.round(threshold);
    return !this.below || rounded <= this.min || rounded > this.max || this.values[lowerBound(this.values, rounded)] === rounded;
  }

  /** How many scores are below the threshold, that is: removed. @param {number} threshold */
  removed(threshold) {
    return this.#rank(lowerBound(this.values, this.round(threshold)));
  }

  /** @param {number} threshold */
  sparsity(threshold) {
    return this.total ? this.removed(threshold) / this.total : 0;
  }

  /**
   * The counts nearest to `count` that some threshold reaches; equal if one reaches `count` exactly.
   * @param {number} count
   * @returns {[number, number]} at most `count`, at least `count`
   */
  reachable(count) {
    if (count <= 0) return [0, 0];
    if (count >= this.total) return [this.total, this.total];
    const index = this.#indexAt(count);
    const low = this.removed(this.values[index]);
    if (low === count) return [count, count];
    const next = this.#after(index);
    return [low, this.#rank(next)];
  }

  /** A short decimal threshold whose count is the reachable one nearest to `count`. @param {number} count */
  thresholdFor(count) {
    const [low, high] = this.reachable(count);
    const target = count - low <= high - count ? low : high;
    if (target <= 0) return Math.min(0, this.min);
    if (target >= this.total) return this.top;
    const index = lowerBound(this.values, this.values[this.#indexAt(target)]);
    return this.below ? this.values[index] : shortestBetween(this.values[index - 1], this.values[index], this.round);
  }

  /** Last index whose rank is at most `count`. @param {number} count */
  #indexAt(count) {
    if (!this.below) return Math.min(count, this.values.length - 1);
    let index = lowerBound(this.below, count);
    if (index >= this.values.length || this.below[index] > count) index -= 1;
    return Math.max(index, 0);
  }

  /** First index with a value greater than the one at `index`. @param {number} index */
  #after(index) {
    const value = this.values[index];
    let low = index + 1;
    let high = this.values.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.values[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** The decimal with the fewest digits that rounds into (low, high]. @param {number} low @param {number} high @param {(x: number) => number} round */
export function shortestBetween(low, high, round) {
  for (let digits = 1; digits <= 17; digits += 1) {
    for (const scale of [Math.floor, Math.ceil]) {
      const unit = 10 ** (Math.floor(Math.log10(Math.abs(high))) - digits + 1);
      const candidate = Number((scale(high / unit) * unit).toPrecision(digits));
      const rounded = round(candidate);
      if (rounded > low && rounded <= high) return candidate;
    }
  }
  return high;
}

/** A threshold as text: the fewest digits that still round to the same float. @param {number} threshold @param {(x: number) => number} round */
export function thresholdText(threshold, round) {
  for (let digits = 1; digits < 17; digits += 1) {
    const text = threshold.toPrecision(digits);
    if (round(Number(text)) === round(threshold)) return String(Number(text));
  }
  return String(threshold);
}

/**
 * Maps a slider's position (whole steps from 0) to a threshold and back.
 *
 * Equal steps for a few well-spread scores; where most scores crowd near zero the travel is
 * logarithmic (asinh, so that it reaches zero), which gives those scores most of the slider's length.
 */
export class Travel {
  /** @param {Ranking} ranking */
  constructor(ranking) {
    this.ranking = ranking;
    this.start = Math.min(0, ranking.min);
    const span = ranking.max - this.start || 1;
    const typical = ranking.values.length ? ranking.values[Math.floor(ranking.values.length / 4)] : 0;
    this.step = this.bend = this.length = this.digits = 0; // of the other kind of travel
    this.linear = this.start < 0 || ranking.total < 200 || typical > span / 5;
    if (this.linear) {
      const decade = Math.max(10 ** Math.floor(Math.log10(span / 100)), Number.MIN_VALUE);
      this.step = roundStepOf(decade, span / 100);
      this.steps = Math.floor(span / this.step + 1e-9) + 1;
      // As many digits as a step needs: a few scores far from zero may be close together.
      this.digits = Math.min(6 + Math.max(0, Math.ceil(Math.log10(Math.abs(this.start / span) || 1))), 17);
    } else {
      this.bend = Math.max(typical, span * 1e-6);
      this.length = Math.asinh(ranking.max / this.bend);
      this.steps = 1000; // the last step but one is the largest score; the last removes everything
    }
  }

  /** @param {number} position */
  threshold(position) {
    if (position <= 0) return this.start;
    if (position >= this.steps) return Math.max(this.ranking.top, this.ranking.snap(this.#at(this.steps)));
    return this.ranking.snap(this.#at(position));
  }

  /** @param {number} position */
  #at(position) {
    if (this.linear) return Number((this.start + position * this.step).toPrecision(this.digits));
    if (position === this.steps - 1) return this.ranking.max;
    const x = this.bend * Math.sinh((position / (this.steps - 1)) * this.length);
    return Number(x.toPrecision(4));
  }

  /** The slider's position for a threshold, from 0 to `steps`, not rounded. @param {number} threshold */
  position(threshold) {
    const way = this.linear ? (threshold - this.start) / this.step : (Math.asinh(threshold / this.bend) / this.length) * (this.steps - 1);
    return Math.min(Math.max(way, 0), this.steps);
  }
}
