// The network that a page carries, as a worker takes it.
import { floats } from "../../widgets/static/numbers/ranking.js";
/** @import { Lab } from "./lab_state.js" */
/** @import { Carried, Network } from "./types.js" */

/** @param {Lab} lab @param {any} data @returns {Network} */
export function networkOf(lab, data) {
  const layers = lab.get("layers").map(({ name, offset, count }) => ({ name, offset, count }));
  const weights = floats(lab.get("weights"), "float32");
  /** @type {Network["arrays"]} */
  const arrays = {};
  for (const [name, { shape, values }] of Object.entries(data.arrays)) arrays[name] = { shape, values: new Float32Array(copied(values)) };
  // The prunable ones have come with the view.
  for (const { name, offset, count } of layers)
    if (arrays[name]) arrays[name].values = /** @type {Float32Array<ArrayBuffer>} */ (weights.slice(offset, offset + count));
  /** @param {{shape: number[], scale: number, values: Carried}} part */
  const input = ({ shape, scale, values }) => ({ shape, scale, values: scale ? new Uint8Array(copied(values)) : new Float32Array(copied(values)) });
  const integers = Object.fromEntries(["labels", "order", "whole", "unpruned"].map((name) => [name, new Int32Array(copied(data[name]))]));
  const scores = /** @type {Float32Array<ArrayBuffer>} */ (floats(lab.get("scores"), "float32").slice());
  return { ...data, ...integers, arrays, layers: layers.filter(({ name }) => arrays[name]), scores, x: data.x.map(input) };
}

/** Bytes in a buffer of their own. @param {Carried} bytes */
export const copied = ({ buffer, byteOffset, byteLength }) => buffer.slice(byteOffset, byteOffset + byteLength);
