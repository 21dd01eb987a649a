// The pixels of the input picture that weights are multiplied with, in a layer that reads the picture itself. Numbers only.
import { binsOf } from "./bars.js";
import { isAbout } from "./marked.js";
/** @import { Layers } from "./layers.js" */
/** @import { Layer, Mark } from "../types.js" */

/**
 * How the weights of a layer lie on the picture: the first `run` on one pixel, the next on another.
 * A convolution's kernel is shown in the middle of the picture; it goes everywhere.
 * @typedef {{height: number, width: number, channels: number, run: number, pixelOf: (place: number) => number,
 *   kernel: {top: number, left: number, tall: number, wide: number} | null}} Retina
 */

/** Null for a layer that does not read the picture. @param {Layer} layer @returns {Retina | null} */
export function retinaOf({ picture, shape, full_shape, steps, count }) {
  const [height, width, channels] = picture ?? [];
  if (!height || !width || !channels || !count) return null;
  if (shape.length === 2 && full_shape[0] === height * width * channels) {
    return { height, width, channels, run: shape[1], pixelOf: (place) => Math.floor((place * steps[0]) / channels), kernel: null };
  }
  const [tall, wide, inputs, filters] = shape;
  if (shape.length !== 4 || tall > height || wide > width || full_shape[2] !== channels) return null;
  const [top, left] = [Math.floor((height - tall) / 2), Math.floor((width - wide) / 2)];
  const pixelOf = (/** @type {number} */ place) => (top + Math.floor(place / wide)) * width + left + (place % wide);
  return { height, width, channels, run: inputs * filters, pixelOf, kernel: { top, left, tall, wide } };
}

/** The indices of the weights that are multiplied with a pixel; none outside a kernel, or where none of them was sent. @param {Layer} layer @param {Retina} retina @param {number} pixel */
export function weightsOfPixel({ count }, { run, pixelOf }, pixel) {
  /** @type {number[]} */
  const indexes = [];
  for (let start = 0; start < count; start += run) {
    if (pixelOf(start / run) === pixel) for (let i = start; i < start + run; i += 1) indexes.push(i);
  }
  return indexes;
}

/** How many marked weights of a layer are multiplied with each pixel; null if none is marked. @param {Mark} mark @param {Layers} layers @param {Layer} layer @param {Retina} retina */
export function markedPixels(mark, layers, layer, { height, width, run, pixelOf }) {
  if (!isAbout(mark, layer)) return null;
  const counts = new Uint32Array(height * width);
  if (mark.kind === "weights") for (const i of mark.indexes) counts[pixelOf(Math.floor(i / run))] += 1;
  else {
    const bins = binsOf(layers, layer, mark.reach);
    for (let start = 0; start < bins.length; start += run) {
      let n = 0;
      for (let i = start; i < start + run; i += 1) if (bins[i] === mark.bin) n += 1;
      counts[pixelOf(start / run)] += n;
    }
  }
  return counts.some((n) => n > 0) ? counts : null;
}
