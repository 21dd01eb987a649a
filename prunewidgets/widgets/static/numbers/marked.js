// What the user points at in one picture, found in the others: the cells of a bar, the bars of a cell. Numbers only.
import { BINS, binsOf } from "./bars.js";
/** @import { Bars } from "./bars.js" */
/** @import { Layers } from "./layers.js" */
/** @import { Plan } from "./grid.js" */
/** @import { Layer, Mark } from "../types.js" */

/** Marked weights by cell or bar. @typedef {{counts: Uint32Array, weights: number, places: number}} Marked `places`: cells or bars with at least one */

/** Whether a mark is about this layer: the same name and shape. @param {Mark} mark @param {Layer} layer */
export function isAbout(mark, layer) {
  if (mark.kind === "bar") return !mark.layer || mark.layer === layer.name;
  return mark.layer === layer.name && String([mark.shape, mark.steps]) === String([layer.full_shape, layer.steps]);
}

/**
 * How many marked weights each cell of a heatmap holds; null if none of this layer is marked.
 * @param {Mark} mark @param {Layers} layers @param {Layer} layer @param {Plan} plan @returns {Marked | null}
 */
export function markedCells(mark, layers, layer, { cellOf, rows, columns }) {
  if (!isAbout(mark, layer)) return null;
  const counts = new Uint32Array(cellOf ? rows * columns : layer.count);
  if (mark.kind === "weights") for (const i of mark.indexes) counts[cellOf ? cellOf[i] : i] += 1;
  else {
    const bins = binsOf(layers, layer, mark.reach);
    const { bin } = mark;
    // A byte for each weight is compared: 1 ms for a million.
    for (let i = 0; i < bins.length; i += 1) if (bins[i] === bin) counts[cellOf ? cellOf[i] : i] += 1;
  }
  return summed(counts);
}

/** How many marked weights each bar of a histogram holds; null if none. @param {Mark} mark @param {Layers} layers @param {Bars} bars @returns {Marked | null} */
export function markedBars(mark, layers, bars) {
  const counts = new Uint32Array(BINS);
  if (mark.kind === "bar") {
    if (mark.reach !== bars.reach) return null;
    counts[mark.bin] = bars.totals[mark.bin];
  } else {
    const place = bars.places.find(({ part }) => isAbout(mark, part));
    if (!place) return null;
    const bins = binsOf(layers, place.part, bars.reach);
    for (const i of mark.indexes) counts[bins[i]] += 1;
  }
  return summed(counts);
}

/** @param {Uint32Array} counts @returns {Marked | null} */
function summed(counts) {
  let [weights, places] = [0, 0];
  for (let i = 0; i < counts.length; i += 1) {
    weights += counts[i];
    if (counts[i]) places += 1;
  }
  return weights ? { counts, weights, places } : null;
}

/** The weights that a cell stands for, as indices of its layer. @param {Plan} plan @param {Layer} layer @param {number} row @param {number} column */
export function weightsAt(plan, { shape }, row, column) {
  if (!plan.averaged) return [plan.cell(row, column)];
  let indexes = [0];
  plan.place(row, column).forEach(([from, to], axis) => {
    indexes = indexes.flatMap((start) => Array.from({ length: to - from + 1 }, (_, i) => start * shape[axis] + from + i));
  });
  return indexes;
}
