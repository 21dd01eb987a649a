// Radix sort: floats put in order digit by digit, several times faster than by comparing them. Numbers only.
/** @import { Floats } from "../types.js" */

const BITS = 11; // of a number per round
const DIGITS = 1 << BITS;

/**
 * The indices that put the scores in ascending order; equal scores keep their order.
 * @param {Floats} scores without NaN
 * @returns {Uint32Array}
 */
export function orderOf(scores) {
  const { length } = scores;
  let order = new Uint32Array(length);
  for (let i = 0; i < length; i += 1) order[i] = i;
  let nextOrder = new Uint32Array(length);
  for (const [i, word] of words(scores).entries()) {
    let keys = i ? inOrder(word, order) : word;
    let nextKeys = new Uint32Array(length);
    for (let shift = 0; shift < 32; shift += BITS) {
      const places = new Uint32Array(DIGITS + 1);
      for (let i = 0; i < length; i += 1) places[((keys[i] >>> shift) & (DIGITS - 1)) + 1] += 1;
      for (let digit = 0; digit < DIGITS; digit += 1) places[digit + 1] += places[digit];
      for (let i = 0; i < length; i += 1) {
        const key = keys[i];
        const digit = (key >>> shift) & (DIGITS - 1);
        nextKeys[places[digit]] = key;
        nextOrder[places[digit]] = order[i];
        places[digit] += 1;
      }
      [order, nextOrder] = [nextOrder, order];
      [keys, nextKeys] = [nextKeys, keys];
    }
  }
  return order;
}

/** The scores' bits as integers in the same order, in words of 32 bits from the least significant. @param {Floats} scores */
function words(scores) {
  const copy = emptyLike(scores, scores.length);
  for (let i = 0; i < scores.length; i += 1) copy[i] = scores[i] + 0; // -0 becomes 0
  const bits = new Uint32Array(copy.buffer);
  const each = scores.BYTES_PER_ELEMENT / 4;
  return Array.from({ length: each }, (_, part) => {
    const word = new Uint32Array(scores.length);
    // The larger the bits of a negative float, the smaller it is; positive floats come after all negative ones.
    const sign = part === each - 1 ? 0x80000000 : 0;
    for (let i = 0; i < scores.length; i += 1) {
      const negative = bits[(i + 1) * each - 1] >>> 31;
      word[i] = bits[i * each + part] ^ (negative ? 0xffffffff : sign);
    }
    return word;
  });
}

/**
 * An array for as many numbers of the same kind.
 * @template {Floats | Uint32Array} T
 * @param {T} values @param {number} length @returns {T}
 */
export function emptyLike(values, length) {
  const Type = /** @type {new (length: number) => T} */ (values.constructor);
  return new Type(length);
}

/**
 * The values at these indices, in this order; there may be fewer indices than values.
 * @template {Floats | Uint32Array} T
 * @param {T} values @param {Uint32Array} order @returns {T}
 */
export function inOrder(values, order) {
  const ordered = emptyLike(values, order.length);
  for (let i = 0; i < order.length; i += 1) ordered[i] = values[order[i]];
  return ordered;
}

/** Values in ascending order. @param {Floats} values */
export const ascending = (values) => inOrder(values, orderOf(values));
