// How a weight array is laid out in two dimensions: a matrix as it is, convolution kernels as a grid of filters.
// Numbers only; nothing here touches the page.
/** @import { Buckets } from "./buckets.js" */
/** @import { Floats } from "../types.js" */

/**
 * A grid of cells and the weights each stands for.
 * @typedef {object} Plan
 * @property {boolean} averaged whether a cell stands for several weights
 * @property {boolean} gaps whether there are gaps between filters
 * @property {number} rows
 * @property {number} columns
 * @property {(row: number, column: number) => number} cell number of a cell, -1 for a gap between filters
 * @property {Int32Array | null} cellOf the cell of each weight; null if its index is its cell
 * @property {(row: number, column: number) => number[][]} place what a cell covers: [from, to] for each axis of the array
 */

/**
 * @param {number[]} shape Keras order: spatial axes first, then inputs, then outputs
 * @param {number} maxRows the most rows of cells that can be told apart
 * @param {number} maxColumns
 * @returns {Plan}
 */
export function plan(shape, maxRows, maxColumns) {
  const [inputs, outputs] = shape.length < 2 ? [1, shape[0] ?? 1] : shape.slice(-2);
  const depth = shape.slice(0, -2).reduce((product, n) => product * n, 1);
  if (depth > 1) {
    const tiled = tiles(shape, inputs, outputs);
    if (tiled.rows <= maxRows && tiled.columns <= maxColumns) return tiled;
  } else if (inputs <= maxRows && outputs <= maxColumns) {
    return matrix(shape, inputs, outputs);
  }
  // A cell that stands for several weights needs room to show its kept share.
  return blocks(shape, depth, inputs, outputs, maxRows / 2, maxColumns / 2);
}

/** @param {number[]} shape @param {number} rows @param {number} columns @returns {Plan} */
function matrix(shape, rows, columns) {
  const rest = whole(shape.slice(0, -2));
  return {
    averaged: false,
    gaps: false,
    rows,
    columns,
    cellOf: null,
    cell: (row, column) => row * columns + column,
    place: (row, column) => [...rest, [row, row], [column, column]].slice(shape.length < 2 ? 1 : 0),
  };
}

/** The full range of each axis. @param {number[]} axes */
const whole = (axes) => axes.map((n) => [0, n - 1]);

/** Filters side by side with a gap; one input or one output channel is wrapped into several lines. @param {number[]} shape @param {number} inputs @param {number} outputs @returns {Plan} */
function tiles(shape, inputs, outputs) {
  const spatial = shape.slice(0, -2);
  const tall = spatial.length > 1 ? spatial.slice(0, -1).reduce((a, b) => a * b, 1) : spatial[0];
  const wide = spatial.length > 1 ? spatial[spatial.length - 1] : 1;
  const kernels = inputs * outputs;
  const wrapped = inputs === 1 || outputs === 1;
  const perLine = wrapped ? Math.min(kernels, Math.ceil(Math.sqrt(kernels * 3))) : outputs;
  const lines = Math.ceil(kernels / perLine);
  /** @param {number} row @param {number} column */
  const at = (row, column) => {
    const [line, y] = [Math.floor(row / (tall + 1)), row % (tall + 1)];
    const [slot, x] = [Math.floor(column / (wide + 1)), column % (wide + 1)];
    const kernel = line * perLine + slot;
    return y === tall || x === wide || kernel >= kernels ? null : { kernel, y, x };
  };
  const [rows, columns] = [lines * (tall + 1) - 1, perLine * (wide + 1) - 1];
  /** @param {unknown} _ @param {number} i */
  const cellAt = (_, i) => {
    const spot = at(Math.floor(i / columns), i % columns);
    return spot ? (spot.y * wide + spot.x) * kernels + spot.kernel : -1;
  };
  /** @type {Int32Array | null} */
  let cells = null; // made on first use: most plans of filters are too large to be drawn
  return {
    averaged: false,
    gaps: true,
    rows,
    columns,
    cellOf: null,
    cell: (row, column) => {
      cells ??= Int32Array.from({ length: rows * columns }, cellAt);
      return cells[row * columns + column];
    },
    place: (row, column) => {
      const spot = at(row, column);
      if (!spot) return []; // a gap
      const { kernel, y, x } = spot;
      const index = [kernel % outputs, Math.floor(kernel / outputs)];
      let rest = y * wide + x;
      for (const n of [...spatial].reverse()) {
        index.push(rest % n);
        rest = Math.floor(rest / n);
      }
      return index.reverse().map((i) => [i, i]);
    },
  };
}

/**
 * Blocks of inputs × outputs, over all spatial positions.
 * @param {number[]} shape @param {number} depth @param {number} inputs @param {number} outputs
 * @param {number} maxRows @param {number} maxColumns @returns {Plan}
 */
function blocks(shape, depth, inputs, outputs, maxRows, maxColumns) {
  const down = Math.ceil(inputs / maxRows);
  const across = Math.ceil(outputs / maxColumns);
  const columns = Math.ceil(outputs / across);
  const cellOf = new Int32Array(depth * inputs * outputs);
  let weight = 0;
  for (let d = 0; d < depth; d += 1) {
    for (let i = 0; i < inputs; i += 1) {
      const start = Math.floor(i / down) * columns;
      for (let o = 0; o < outputs; o += 1) {
        cellOf[weight] = start + Math.floor(o / across);
        weight += 1;
      }
    }
  }
  return {
    averaged: true,
    gaps: false,
    rows: Math.ceil(inputs / down),
    columns,
    cellOf,
    cell: (row, column) => row * columns + column,
    place: (row, column) =>
      [
        ...whole(shape.slice(0, -2)),
        [row * down, Math.min((row + 1) * down, inputs) - 1],
        [column * across, Math.min((column + 1) * across, outputs) - 1],
      ].slice(shape.length < 2 ? 1 : 0),
  };
}

/**
 * What each cell of a plan holds at a threshold (already rounded to the scores' dtype).
 * @typedef {{kept: Uint32Array, size: Uint32Array, mean: Float64Array}} Cells mean: mean |w| of the kept weights
 */

/** The cells of an averaged plan. @param {Buckets} buckets @param {number} cells @param {number} threshold @returns {Cells} */
export function bucketCells(buckets, cells, threshold) {
  const [kept, size, mean] = [new Uint32Array(cells), new Uint32Array(cells), new Float64Array(cells)];
  for (let cell = 0; cell < cells; cell += 1) {
    size[cell] = buckets.size(cell);
    kept[cell] = size[cell] - buckets.removed(cell, threshold);
    if (kept[cell]) mean[cell] = buckets.keptSum(cell, threshold) / kept[cell];
  }
  return { kept, size, mean };
}

/** The cells of a plan with one weight per cell. @param {Floats} weights @param {Floats} scores @param {number} threshold @returns {Cells} */
export function fillCells(weights, scores, threshold) {
  const cells = weights.length;
  const [kept, size, mean] = [new Uint32Array(cells), new Uint32Array(cells).fill(1), new Float64Array(cells)];
  for (let cell = 0; cell < cells; cell += 1) {
    if (!(scores[cell] >= threshold)) continue;
    kept[cell] = 1;
    mean[cell] = Math.abs(weights[cell]);
  }
  return { kept, size, mean };
}
