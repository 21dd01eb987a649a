// What lies between cells: the gaps between filters, and lines between the groups of a pattern, such as 2 of 4 or blocks,
// which are pruned by a rule of their own.
/** @import { Colours, Layer } from "../types.js" */
/** @import { Plan } from "../numbers/grid.js" */

const SMALLEST_CELL = 5; // CSS pixels; between smaller cells the lines would hide them
const SMALLEST_GROUP = 10;

/**
 * @param {CanvasRenderingContext2D} context
 * @param {{layer: Layer, planned: Plan, cellSize: {wide: number, tall: number}}} drawn
 * @param {[height: number, width: number] | undefined} group inputs and outputs of a group
 * @param {Colours} colours
 */
export function drawGroups(context, { layer, planned, cellSize }, group, colours) {
  const { rows, columns, averaged, gaps } = planned;
  const { wide, tall } = cellSize;
  const matrix = layer.shape.length === 2 && !averaged && !gaps && layer.steps.every((step) => step === 1);
  if (!group || !matrix || Math.min(wide, tall) < SMALLEST_CELL) return;
  /** Where lines stand; a group of one is a cell. @param {number} side @param {number} each @param {number} end */
  const places = (side, each, end) =>
    side > 1 && side * each >= SMALLEST_GROUP ? Array.from({ length: Math.ceil(end / side) - 1 }, (_, i) => (i + 1) * side) : [];
  context.beginPath();
  for (const row of places(group[0], tall, rows)) {
    context.moveTo(0, row * tall - 0.5);
    context.lineTo(columns * wide - 1, row * tall - 0.5);
  }
  for (const column of places(group[1], wide, columns)) {
    context.moveTo(column * wide - 0.5, 0);
    context.lineTo(column * wide - 0.5, rows * tall - 1);
  }
  // On a lighter edge, so that it shows between dark cells and between blank ones.
  for (const [colour, width] of /** @type {[string, number][]} */ ([
    [colours.panel, 3.5],
    [colours.ink, 1.5],
  ])) {
    context.strokeStyle = colour;
    context.lineWidth = width;
    context.stroke();
  }
}

/**
 * The gaps between filters, so that a blank filter still shows its edges; none where the last line of filters has ended.
 * @param {CanvasRenderingContext2D} context @param {Plan} planned @param {{wide: number, tall: number}} cellSize @param {Colours} colours
 */
export function drawGaps(context, { rows, columns, cell }, { wide, tall }, colours) {
  let [last, end] = [rows, columns];
  while (last > 0 && cell(last - 1, 0) >= 0) last -= 1; // the first row of the last line
  while (end > 0 && cell(rows - 1, end - 1) < 0) end -= 1;
  context.globalAlpha = 0.5;
  context.fillStyle = colours.line;
  context.fillRect(0, 0, columns * wide, last * tall);
  context.fillRect(0, last * tall, end * wide, (rows - last) * tall);
  context.globalAlpha = 1;
}
