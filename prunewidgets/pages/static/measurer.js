// Measures a network on the examples that came with the page, batch by batch, with weights below a threshold set to zero.
import { forward } from "./network.js";
/** @import { Network, Tensor } from "./types.js" */

const BATCH = 250;
const MOST_VALUES = 2 ** 20; // of the inputs of one batch: what the layers make of them may be many times as large
const NOTHING_REMOVED = -Infinity;

/** How far a measurement is. @typedef {{correct: number, n: number}} Counted */

export class Measurer {
  /** @param {Network} network */
  constructor(network) {
    this.network = network;
    this.total = network.labels.length;
    /** @type {Record<string, Tensor>} */
    this.fixed = {};
    const prunable = new Set(network.layers.map(({ name }) => name));
    for (const [name, { shape, values }] of Object.entries(network.arrays)) {
      if (!prunable.has(name)) this.fixed[name] = tf.tensor(values, shape);
    }
  }

  /** The thresholds that remove nothing. */
  get whole() {
    return this.network.layers.map(() => NOTHING_REMOVED);
  }

  /**
   * Reads all examples, in the order of measuring; yields after each batch.
   * @param {number[]} thresholds of each layer
   * @param {Int32Array} predicted gets the class of each example
   * @param {(index: number, values: Float32Array) => void} each called with the outputs for each example
   * @returns {Generator<Counted, void>}
   */
  *measure(thresholds, predicted, each = () => {}) {
    const { labels, order, quick, x } = this.network;
    const values = x.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
    const batch = Math.max(1, Math.min(BATCH, Math.floor(MOST_VALUES / values)));
    const weights = this.#masked(thresholds);
    let correct = 0;
    try {
      for (let from = 0; from < this.total; ) {
        const to = Math.min(this.total, from < quick ? quick : Infinity, from + batch);
        const rows = order.subarray(from, to);
        const outputs = this.#outputs(weights, this.#inputs(rows), rows.length);
        rows.forEach((index, i) => {
          predicted[index] = this.classOf(outputs[i]);
          correct += Number(predicted[index] === labels[index]);
          each(index, outputs[i]);
        });
        from = to;
        yield { correct, n: to };
      }
    } finally {
      this.#dispose(weights);
    }
  }

  /** The outputs for some examples. @param {number[]} thresholds @param {ArrayLike<number>} rows */
  outputsFor(thresholds, rows) {
    return this.#answer(thresholds, this.#inputs(rows), rows.length);
  }

  /** The outputs for a drawing, given as one example: 0 for the ground, 255 for ink. @param {number[]} thresholds @param {Uint8Array} drawn */
  outputsForDrawing(thresholds, drawn) {
    const { low, high, whole_numbers: whole, x } = this.network;
    const values = Float32Array.from(drawn, (v) => {
      const value = low + (high - low) * Math.fround(v / 255);
      return whole ? Math.round(value) : value;
    });
    return this.#answer(thresholds, [tf.tensor(values, [1, ...x[0].shape])], 1)[0];
  }

  /** @param {number[]} thresholds @param {Tensor[]} inputs @param {number} n */
  #answer(thresholds, inputs, n) {
    const weights = this.#masked(thresholds);
    try {
      return this.#outputs(weights, inputs, n);
    } finally {
      this.#dispose(weights);
    }
  }

  /** The class that outputs stand for: the first of the largest, as in Python; -1 where one is NaN. @param {Float32Array} values */
  classOf(values) {
    if (values.some(Number.isNaN)) return -1;
    if (values.length === 1) return values[0] > this.network.cut ? 1 : 0;
    return values.reduce((best, value, k) => (value > values[best] ? k : best), 0);
  }

  /** How near the two best answers are, in the outputs' own unit. @param {Float32Array} values */
  margin(values) {
    if (values.length === 1) return Math.abs(values[0] - this.network.cut);
    const [first, second] = [...values].sort((a, b) => b - a);
    return first - second;
  }

  /** Outputs, one array for each example. @param {Record<string, Tensor>} weights @param {Tensor[]} inputs @param {number} n */
  #outputs(weights, inputs, n) {
    const output = forward(this.network.graph, weights, inputs);
    const values = output.dataSync();
    for (const tensor of [...inputs, output]) tensor.dispose();
    const classes = values.length / n;
    return Array.from({ length: n }, (_, i) => values.subarray(i * classes, (i + 1) * classes));
  }

  /** The weights with those below the thresholds set to zero, compared in float32 as Python does. @param {number[]} thresholds @returns {Record<string, Tensor>} */
  #masked(thresholds) {
    const { layers, arrays, scores } = this.network;
    const weights = { ...this.fixed };
    layers.forEach(({ name, offset, count }, n) => {
      const { shape, values } = arrays[name];
      const threshold = Math.fround(thresholds[n]);
      const kept = values.slice();
      for (let i = 0; i < count; i += 1) {
        const score = scores.length ? scores[offset + i] : Math.abs(values[i]);
        if (score < threshold) kept[i] = 0;
      }
      weights[name] = tf.tensor(kept, shape);
    });
    return weights;
  }

  /** @param {Record<string, Tensor>} weights */
  #dispose(weights) {
    for (const { name } of this.network.layers) weights[name].dispose();
  }

  /** Some examples as tensors. @param {ArrayLike<number>} rows */
  #inputs(rows) {
    return this.network.x.map(({ shape, scale, values }) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const batch = new Float32Array(rows.length * size);
      for (let row = 0; row < rows.length; row += 1) batch.set(values.subarray(rows[row] * size, (rows[row] + 1) * size), row * size);
      if (scale > 1) for (let i = 0; i < batch.length; i += 1) batch[i] /= scale;
      return /** @type {Tensor} */ (tf.tensor(batch, [rows.length, ...shape]));
    });
  }
}
