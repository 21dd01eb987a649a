// The examples that flipped, as labs/flips.py finds and describes them.
import { exactP } from "./statistics.js";
/** @import { Measurer } from "./measurer.js" */
/** @import { Flipped, Inputs } from "./types.js" */

const MOST_SHOWN = 12;

/**
 * What pruning changed, and pictures of the first ones.
 * @param {Measurer} measurer @param {number[]} thresholds @param {Int32Array} predicted with these thresholds
 * @returns {{flips: Flipped, images: ArrayBuffer}}
 */
export function flipsOf(measurer, thresholds, predicted) {
  const { labels, unpruned, x, applied } = measurer.network;
  /** @type {number[]} */
  const lost = [];
  let [won, n] = [0, 0];
  for (let i = 0; i < labels.length; i += 1) {
    const [before, now] = [unpruned[i] === labels[i], predicted[i] === labels[i]];
    n += Number(before);
    won += Number(!before && now);
    if (before && !now) lost.push(i);
  }
  const rows = lost.slice(0, MOST_SHOWN);
  /** @type {Flipped["shown"]} */
  const shown = rows.map((index) => ({ index, label: labels[index], read: predicted[index] }));
  if (rows.length) {
    const after = measurer.outputsFor(thresholds, rows);
    // With weights pruned for good, the page has none to say how sure the model was before.
    const before = applied ? null : measurer.outputsFor(measurer.whole, rows);
    shown.forEach((flip, i) => {
      if (!before || ![before[i], after[i]].every(areProbabilities)) return;
      Object.assign(flip, { before: Math.min(1, before[i][flip.label]), after: Math.min(1, after[i][flip.read]) });
    });
  }
  return { flips: { total: lost.length, n, won, p_value: exactP(lost.length, won), shown }, images: images(x[0], rows) };
}

/** Whether outputs are probabilities: none negative, and a sum of 1. @param {Float32Array} outputs */
export const areProbabilities = (outputs) => outputs.length > 1 && outputs.every((p) => p >= 0) && Math.abs(outputs.reduce((a, b) => a + b, 0) - 1) < 1e-3;

/** Examples as bytes, each scaled to its own range of values. @param {Inputs} x @param {number[]} rows */
function images({ shape, values }, rows) {
  const size = shape.reduce((a, b) => a * b, 1);
  const pixels = new Uint8Array(rows.length * size);
  rows.forEach((index, n) => {
    const picture = values.subarray(index * size, (index + 1) * size);
    let [low, high] = [Infinity, -Infinity];
    // One by one: a picture may have more values than a call takes arguments.
    for (const value of picture) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
    picture.forEach((value, i) => {
      pixels[n * size + i] = Math.round((255 * (value - low)) / Math.max(high - low, 1e-12));
    });
  });
  return pixels.buffer;
}
