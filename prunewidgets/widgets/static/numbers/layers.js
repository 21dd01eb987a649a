// The weights as they came from the kernel: one buffer for all layers, sent once.
import { ascending, emptyLike, inOrder, orderOf } from "./order.js";
import { Ranking, doubles, floats, rounding } from "./ranking.js";

/** @import { Dtype, Floats, Layer, Model, WeightTraits } from "../types.js" */

/** Buffer of weights -> the layers in it. @type {WeakMap<object, {generation: number, layers: Layers}>} */
const shownLayers = new WeakMap();

/** Model -> its last layers whose parts match; its views show these. @type {WeakMap<object, Layers>} */
const lastConsistent = new WeakMap();

/** The traits `layers`, `weights`, `scores`, `dtype` and `criterion` of a model. */
export class Layers {
  /** The layers of a model as it is now: one object for all of its displays. @param {Model<WeightTraits>} model */
  static of(model) {
    // Each display gets a model object of its own; the buffer is the same in all.
    const [buffer, generation] = [model.get("weights") ?? model, model.get("generation")];
    let shown = shownLayers.get(buffer);
    if (shown?.generation !== generation) {
      shown = { generation, layers: new Layers(model) };
      shownLayers.set(buffer, shown);
    }
    const { layers } = shown;
    if (layers.isConsistent()) lastConsistent.set(model, layers);
    return lastConsistent.get(model) ?? layers; // the picture stays while the parts do not match
  }

  /** @param {Model<WeightTraits>} model */
  constructor(model) {
    this.dtype = model.get("dtype");
    this.criterion = model.get("criterion"); // of these scores; the trait may already name the next one
    /** @type {Layer[]} */
    this.list = model.get("layers");
    this.weights = floats(model.get("weights"), this.dtype);
    const sent = floats(model.get("scores"), this.dtype);
    // For magnitude the scores are the weights without their sign, so they are not sent.
    this.scores = sent.length ? sent : magnitudes(this.weights);
    this.total = this.list.reduce((sum, layer) => sum + layer.size, 0);
    this.sampled = this.list.some((layer) => layer.count < layer.size);
    this.stops = sampledRankings(model, this.dtype);
    this.round = rounding(this.dtype);
    /** @type {Map<string, unknown>} */
    this.computed = new Map();
  }

  /** Whether list and buffers match. */
  isConsistent() {
    return this.once("consistent", () => {
      const { length } = this.weights;
      /** @param {Layer} layer */
      const within = ({ shape, count, offset, size, channels }) =>
        (channels ?? []).every((axis) => axis < shape.length) &&
        shape.reduce((product, n) => product * n, 1) === count &&
        offset + count <= length &&
        count <= size;
      if (!this.list.length || this.scores.length !== length || !this.list.every(within)) return false;
      if (this.list.reduce((sum, { count }) => sum + count, 0) !== length) return false;
      const stops = [...this.stops.values()];
      /** @param {Ranking} ranking */
      const complete = ({ values, below }) => values.length > 0 && below?.length === values.length;
      return !this.sampled || (["", ...this.list.map(({ name }) => name)].every((name) => this.stops.has(name)) && stops.every(complete));
    });
  }

  /**
   * Returns what `work` computes from these weights, computed only on first use.
   * @template T
   * @param {string} key @param {() => T} work @returns {T}
   */
  once(key, work) {
    if (!this.computed.has(key)) this.computed.set(key, work());
    return /** @type {T} */ (this.computed.get(key)); // what an earlier call with this key computed
  }

  /** An empty name is the first layer; undefined if there are no layers. @param {string} name @returns {Layer | undefined} */
  layer(name) {
    return this.list.find((layer) => layer.name === name) ?? this.list[0];
  }

  /** @param {Layer} layer */
  weightsOf(layer) {
    return this.weights.subarray(layer.offset, layer.offset + layer.count);
  }

  /** @param {Layer} layer */
  scoresOf(layer) {
    return this.scores.subarray(layer.offset, layer.offset + layer.count);
  }

  /** The indices that put the scores of a layer in ascending order. @param {Layer} layer */
  order(layer) {
    return this.once(`order of ${layer.name}`, () => orderOf(this.scoresOf(layer)));
  }

  /** The scores of a layer in ascending order. @param {Layer} layer */
  ordered(layer) {
    return this.once(`ordered ${layer.name}`, () => inOrder(this.scoresOf(layer), this.order(layer)));
  }

  /** |w| of a layer's weights in the order of their scores. @param {Layer} layer */
  orderedSizes(layer) {
    return this.criterion === "magnitude" ? this.ordered(layer) : inOrder(magnitudes(this.weightsOf(layer)), this.order(layer));
  }

  /** The ranking of one layer, or of all of them for the name "". Sorted on first use. @param {string} name @returns {Ranking} */
  ranking(name) {
    const layer = name ? this.layer(name) : this.list.length === 1 ? this.list[0] : null;
    const place = layer?.name ?? "";
    return this.once(`ranking of ${place}`, () => {
      return this.stops.get(place) ?? new Ranking(layer ? this.ordered(layer) : ascending(this.scores), this.dtype);
    });
  }
}

/** |w| of each weight. @param {Floats} weights */
function magnitudes(weights) {
  const sizes = emptyLike(weights, weights.length);
  for (let i = 0; i < weights.length; i += 1) sizes[i] = Math.abs(weights[i]);
  return sizes;
}

/** Rankings that the kernel made because not all weights were sent: stops with exact counts. @param {Model<WeightTraits>} model @param {Dtype} dtype */
function sampledRankings(model, dtype) {
  /** @type {Map<string, Ranking>} */
  const rankings = new Map();
  const values = floats(model.get("stops"), dtype);
  const below = doubles(model.get("stops_below"));
  let start = 0;
  for (const { name, length, total } of model.get("stop_lists")) {
    rankings.set(name, new Ranking(values.subarray(start, start + length), dtype, below.subarray(start, start + length), total));
    start += length;
  }
  return rankings;
}
