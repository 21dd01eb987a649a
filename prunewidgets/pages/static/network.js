// Runs the steps of a model (models/formats/page_steps.py) with TensorFlow.js, which is global in the page's worker.
/** @import { Graph, Step, Tensor } from "./types.js" */

/** @typedef {(step: Step, inputs: Tensor[], weights: Record<string, Tensor>) => Tensor} Op */
/** What a kernel's sizes along its axes are for a picture. @typedef {(sizes: number[]) => number[]} Sizes */

const SELU = [1.6732632423543772, 1.0507009873554805];

/** As Keras computes them when they are given by name. @type {Record<string, (x: Tensor) => Tensor>} */
const activations = {
  relu: (x) => tf.relu(x),
  relu6: (x) => tf.clipByValue(x, 0, 6),
  leaky_relu: (x) => tf.leakyRelu(x, 0.2),
  elu: (x) => tf.elu(x),
  selu: (x) => tf.mul(SELU[1], tf.where(tf.greater(x, 0), x, tf.mul(SELU[0], tf.sub(tf.exp(tf.minimum(x, 0)), 1)))),
  sigmoid: (x) => tf.sigmoid(x),
  hard_sigmoid: (x) => tf.div(tf.clipByValue(tf.add(x, 3), 0, 6), 6),
  tanh: (x) => tf.tanh(x),
  softmax: (x) => tf.softmax(x),
  log_softmax: (x) => tf.logSoftmax(x),
  softplus: (x) => tf.add(tf.relu(x), tf.log(tf.add(1, tf.exp(tf.neg(tf.abs(x)))))),
  softsign: (x) => tf.div(x, tf.add(tf.abs(x), 1)),
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  hard_silu: (x) => tf.mul(x, tf.div(tf.clipByValue(tf.add(x, 3), 0, 6), 6)),
  gelu: (x) => tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))),
  exponential: (x) => tf.exp(x),
};

/** Runs `work` on a series as on a picture one pixel high. @param {Tensor} x @param {number} axes @param {(picture: Tensor, sizes: Sizes) => Tensor} work */
function asPicture(x, axes, work) {
  if (axes === 2) return work(x, (sizes) => sizes);
  return tf.squeeze(
    work(tf.expandDims(x, 1), (sizes) => [1, ...sizes]),
    [1],
  );
}

/** A kernel for a picture. @param {Tensor} kernel @param {number} axes */
const flat = (kernel, axes) => (axes === 2 ? kernel : tf.expandDims(kernel, 0));

/** @param {Tensor} x @param {Step} step @param {Tensor} kernel */
function paddedBefore(x, step, kernel) {
  if (step.padding !== "causal") return x;
  return tf.pad(x, [
    [0, 0],
    [step.dilation[0] * (kernel.shape[0] - 1), 0],
    [0, 0],
  ]);
}

/** @param {Tensor} x @param {Tensor | undefined} bias */
const withBias = (x, bias) => (bias ? tf.add(x, bias) : x);

/** @param {string} operation of TensorFlow.js, on two tensors @returns {Op} */
const joining =
  (operation) =>
  (_, [first, ...others]) =>
    others.reduce((a, b) => tf[operation](a, b), first);

/** @type {Record<string, Op>} */
const ops = {
  dense(_, [x], { kernel, bias }) {
    const rows = x.rank === 2 ? x : tf.reshape(x, [-1, x.shape[x.rank - 1]]);
    const product = withBias(tf.matMul(rows, kernel), bias);
    return x.rank === 2 ? product : tf.reshape(product, [...x.shape.slice(0, -1), kernel.shape[1]]);
  },
  conv(step, [x], { kernel, bias }) {
    const padding = step.padding === "same" ? "same" : "valid";
    const made = asPicture(paddedBefore(x, step, kernel), step.axes, (picture, sizes) =>
      tf.conv2d(picture, flat(kernel, step.axes), sizes(step.strides), padding, "NHWC", sizes(step.dilation)),
    );
    return withBias(made, bias);
  },
  depthwise(step, [x], { kernel, bias }) {
    const made = asPicture(x, step.axes, (picture, sizes) =>
      tf.depthwiseConv2d(picture, flat(kernel, step.axes), sizes(step.strides), step.padding, "NHWC", sizes(step.dilation)),
    );
    return withBias(made, bias);
  },
  pool: (step, [x]) =>
    asPicture(x, step.axes, (picture, sizes) => tf[step.kind === "max" ? "maxPool" : "avgPool"](picture, sizes(step.size), sizes(step.strides), step.padding)),
  global_pool(step, [x]) {
    const axes = x.shape.slice(1, -1).map((_, n) => n + 1);
    return tf[step.kind === "max" ? "max" : "mean"](x, axes, step.keep);
  },
  batch_norm(step, [x], { mean, variance, gamma, beta }) {
    const scale = tf.div(gamma ?? 1, tf.sqrt(tf.add(variance, step.epsilon)));
    const shifted = tf.sub(beta ?? 0, tf.mul(mean, scale));
    return tf.add(tf.mul(x, scale), shifted);
  },
  embedding: (_, [x], { table }) => tf.gather(table, tf.cast(x, "int32")),
  reshape: (step, [x]) => tf.reshape(x, [-1, ...step.shape]),
  identity: (_, [x]) => tf.clone(x),
  pad: (step, [x]) => tf.pad(x, [[0, 0], ...step.sides, [0, 0]]),
  add: joining("add"),
  subtract: joining("sub"),
  multiply: joining("mul"),
  maximum: joining("maximum"),
  minimum: joining("minimum"),
  average: (step, inputs, weights) => tf.div(ops.add(step, inputs, weights), inputs.length),
  concatenate: (step, inputs) => tf.concat(inputs, step.axis),
  activation: (step, [x]) => activations[step.name](x),
  relu(step, [x]) {
    const above = step.slope ? tf.leakyRelu(x, step.slope) : tf.relu(x);
    return step.most === null ? above : tf.minimum(above, step.most);
  },
  rescale: (step, [x]) => tf.add(tf.mul(x, step.scale), step.offset),
};

/**
 * The model's answer for a batch.
 * @param {Graph} graph @param {Record<string, Tensor>} weights by name @param {Tensor[]} inputs
 * @returns {Tensor}
 */
export function forward(graph, weights, inputs) {
  return tf.tidy(() => {
    const tensors = new Map(graph.inputs.map(({ tensor }, n) => [tensor, inputs[n]]));
    /** @param {number} number */
    const tensor = (number) => /** @type {Tensor} */ (tensors.get(number)); // its step comes earlier
    /** Tensor -> the last step that reads it. @type {Map<number, number>} */
    const lastUse = new Map(graph.steps.flatMap((step, n) => step.inputs.map((input) => [input, n])));
    const given = new Set(graph.inputs.map((input) => input.tensor));
    graph.steps.forEach((step, n) => {
      const own = Object.fromEntries(Object.entries(step.weights).map(([role, name]) => [role, weights[name]]));
      tensors.set(step.output, ops[step.op](step, step.inputs.map(tensor), own));
      for (const input of new Set(step.inputs)) if (lastUse.get(input) === n && !given.has(input)) tensor(input).dispose();
    });
    return tensor(graph.output);
  });
}
