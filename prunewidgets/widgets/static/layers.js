// The weights as they came from the kernel: one buffer for all layers, sent once.
import { Ranking, floats } from "./ranking.js";

/**
 * One weight array.
 * @typedef {object} Layer
 * @property {string} name
 * @property {number[]} shape of what was sent
 * @property {number[]} full_shape of the array in the model
 * @property {number[]} steps every n-th index of each axis was sent
 * @property {number} size number of weights in the model
 * @property {number} offset where it starts in the buffer
 * @property {number} count how many were sent
 */

/** The traits `layers`, `weights`, `scores`, `dtype` and `criterion` of a model. */
export class Layers {
  constructor(model) {
    this.dtype = model.get("dtype");
    this.criterion = model.get("criterion"); // of these scores; the trait may be ahead of them
    /** @type {Layer[]} */
    this.list = model.get("layers");
    this.weights = floats(model.get("weights"), this.dtype);
    const sent = floats(model.get("scores"), this.dtype);
    // For magnitudes the scores are the weights without their sign; nothing more is sent.
    this.scores = sent.length ? sent : this.weights.map(Math.abs);
    this.total = this.list.reduce((sum, layer) => sum + layer.size, 0);
    this.sampled = this.list.some((layer) => layer.count < layer.size);
    this.stops = sampledRankings(model, this.dtype);
    this.rankings = new Map();
  }

  /** @param {string} name; an empty name is the first layer. */
  layer(name) {
    return this.list.find((layer) => layer.name === name) ?? this.list[0];
  }

  weightsOf(layer) { return this.weights.subarray(layer.offset, layer.offset + layer.count); }

  scoresOf(layer) { return this.scores.subarray(layer.offset, layer.offset + layer.count); }

  /** The ranking of one layer, or of all of them for the name "". Sorted at first use. */
  ranking(name) {
    if (!this.rankings.has(name)) {
      const scores = name ? this.scoresOf(this.layer(name)) : this.scores;
      this.rankings.set(name, this.stops.get(name) ?? Ranking.of(scores, this.dtype));
    }
    return this.rankings.get(name);
  }
}

/** Rankings that the kernel made because not all weights were sent: stops with exact counts. */
function sampledRankings(model, dtype) {
  const rankings = new Map();
  const values = floats(model.get("stops"), dtype);
  const below = floats(model.get("stops_below"), "float64");
  let start = 0;
  for (const { name, length, total } of model.get("stop_lists")) {
    rankings.set(name, new Ranking(values.subarray(start, start + length), dtype, below.subarray(start, start + length), total));
    start += length;
  }
  return rankings;
}
