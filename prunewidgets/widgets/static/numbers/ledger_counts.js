// What the weights cost at a threshold, counted as `ledger.py` counts it, to the byte. Numbers only.
import { inOrder } from "./order.js";
import { lowerBound } from "./ranking.js";
/** @import { Layers } from "./layers.js" */
/** @import { Costs, Layer } from "../types.js" */

const VALUE_BYTES = 4;

/**
 * @param {Layers} layers all of whose weights were sent
 * @param {number} threshold
 * @param {Record<string, number> | null} positions how often each weight of a layer is used for one example
 * @returns {Costs} with the names of `ledger`'s counts
 */
export function countCosts(layers, threshold, positions) {
  const cut = layers.round(threshold);
  /** @type {Costs} */
  const costs = { parameters: 0, nonzeros: 0, dense_bytes: 0, bitmask_bytes: 0, index_coded_bytes: 0 };
  if (positions) Object.assign(costs, { multiply_adds: 0, nonzero_multiply_adds: 0 });
  for (const layer of layers.list) {
    const { nonzeros, coded } = layers.once(`removals of ${layer.name}`, () => new Removals(layers, layer)).remaining(cut);
    costs.parameters += layer.size;
    costs.nonzeros += nonzeros;
    costs.dense_bytes += VALUE_BYTES * layer.size;
    costs.bitmask_bytes += Math.ceil(layer.size / 8) + VALUE_BYTES * nonzeros;
    costs.index_coded_bytes += coded;
    if (!positions || !Object.hasOwn(positions, layer.name)) continue;
    costs.multiply_adds += layer.size * positions[layer.name];
    costs.nonzero_multiply_adds += nonzeros * positions[layer.name];
  }
  return costs;
}

/**
 * Removes the nonzeros of one array one by one, once, in the order of their scores; after that a threshold takes one
 * binary search. In the index-coded format, a gap too long for its field is bridged by stored zeros: their number
 * after each removal is recorded.
 */
class Removals {
  /** @param {Layers} layers @param {Layer} layer */
  constructor(layers, layer) {
    const weights = layers.weightsOf(layer);
    const { length } = weights;
    // The previous and the next nonzero of each, by place; places count from 1, and 0 and length + 1 are the ends.
    const [before, after] = [new Uint32Array(length + 2), new Uint32Array(length + 2)];
    let [count, last, bridges, longBridges] = [0, 0, 0, 0]; // bridges of gaps stored in one byte, and in two
    for (let place = 1; place <= length; place += 1) {
      if (Math.fround(weights[place - 1]) === 0) continue;
      const gap = place - last - 1;
      bridges += gap >>> 8;
      longBridges += gap >>> 16; // so few weights are sent that four bytes are always enough
      [before[place], after[last]] = [last, place];
      last = place;
      count += 1;
    }
    after[last] = length + 1; // zeros at the end cost nothing
    const zeros = count < length;
    const order = layers.order(layer);
    const places = zeros ? order.filter((i) => Math.fround(weights[i]) !== 0) : order;
    this.scores = zeros ? inOrder(layers.scoresOf(layer), places) : layers.ordered(layer);
    this.bridges = new Uint16Array(count + 1); // at most 1/256 of four million weights
    this.longBridges = new Uint16Array(count + 1);
    for (let removed = 0; ; removed += 1) {
      this.bridges[removed] = bridges;
      this.longBridges[removed] = longBridges;
      if (removed === count) break;
      const place = places[removed] + 1;
      const [left, right] = [before[place], after[place]];
      const gap = place - left - 1;
      bridges -= gap >>> 8;
      longBridges -= gap >>> 16;
      after[left] = right;
      if (right > length) continue;
      const [next, joined] = [right - place - 1, right - left - 1];
      bridges += (joined >>> 8) - (next >>> 8);
      longBridges += (joined >>> 16) - (next >>> 16);
      before[right] = left;
    }
  }

  /** How many nonzeros have a score of at least `cut`, and their size in bytes when index-coded. @param {number} cut rounded as the scores are */
  remaining(cut) {
    const removed = lowerBound(this.scores, cut);
    const nonzeros = this.scores.length - removed;
    const coded = Math.min(
      (nonzeros + this.bridges[removed]) * (VALUE_BYTES + 1),
      (nonzeros + this.longBridges[removed]) * (VALUE_BYTES + 2),
      nonzeros * (VALUE_BYTES + 4),
    );
    return { nonzeros, coded };
  }
}
