// Cells of a heatmap that are marked: those of a bar, or of a cell that the user points at in a linked heatmap.
import { contextOf } from "../page/canvas.js";
import { make } from "../page/elements.js";
import { onHighlight } from "../page/highlight.js";
import { grouped, say, short } from "../page/text.js";
import { edgeOf } from "../numbers/bars.js";
import { markedCells } from "../numbers/marked.js";
import { pixelOf } from "./paint.js";
/** @import { Layers } from "../numbers/layers.js" */
/** @import { Marked } from "../numbers/marked.js" */
/** @import { Drawn } from "./heatmap.js" */
/** @import { Colours, Mark, View } from "../types.js" */

const VEIL = 0.62; // over the cells that are not in the bar

/**
 * @param {View} view @param {() => Layers} layers
 * @param {() => void} changed called when other cells are marked
 */
export function mountMarks(view, layers, changed) {
  onHighlight(view, changed);
  /** What was counted last, and for what. @type {{of: unknown[], marked: Marked | null, overlay: HTMLCanvasElement | null}} */
  let latest = { of: [], marked: null, overlay: null };

  /** @param {Drawn} drawn */
  function current({ layer, planned }) {
    const { mark } = view.shared;
    const of = [mark, layers(), layer, planned];
    if (of.some((part, i) => part !== latest.of[i])) latest = { of, marked: mark && markedCells(mark, layers(), layer, planned), overlay: null };
    return latest.marked;
  }

  /** What is marked, in words; "" unless it is a bar. @param {Drawn} drawn */
  function text(drawn) {
    const { mark } = view.shared;
    const marked = current(drawn);
    if (mark?.kind !== "bar" || !marked) return "";
    return say(view, drawn.planned.averaged ? "marked_buckets" : "marked_cells", {
      low: short(edgeOf(mark.bin, mark.reach)),
      high: short(edgeOf(mark.bin + 1, mark.reach)),
      marked: grouped(view, marked.weights),
      total: grouped(view, drawn.layer.count),
      cells: grouped(view, marked.places),
    });
  }

  /**
   * @param {CanvasRenderingContext2D} context @param {Drawn} drawn
   * @param {boolean} framed whether cells are large enough for a frame of their own
   * @param {Colours} colours
   */
  function draw(context, drawn, framed, colours) {
    const { planned, cellSize } = drawn;
    const marked = current(drawn);
    const { mark } = view.shared;
    if (!mark || !marked) return;
    const outlined = framed || mark.kind === "weights"; // of these there are few
    const [width, height] = [planned.columns * cellSize.wide, planned.rows * cellSize.tall];
    if (latest.overlay?.dataset.colours !== colours.mark + colours.ground) latest.overlay = overlay(mark, marked.counts, drawn, outlined, colours);
    context.imageSmoothingEnabled = false;
    context.drawImage(latest.overlay, 0, 0, width, height);
    if (!outlined) return;
    context.strokeStyle = colours.mark;
    context.lineWidth = 2;
    context.beginPath();
    for (let row = 0; row < planned.rows; row += 1) {
      for (let column = 0; column < planned.columns; column += 1) {
        if (!marked.counts[planned.cell(row, column)]) continue;
        context.rect(column * cellSize.wide + 1, row * cellSize.tall + 1, cellSize.wide - 3, cellSize.tall - 3);
      }
    }
    context.stroke();
  }
  return { draw, text };
}

/**
 * One pixel for each cell: a veil over those that are not in the bar, and the mark's colour on those that are; the more
 * of a cell's weights are marked, the stronger.
 * @param {Mark} mark @param {Uint32Array} counts @param {Drawn} drawn @param {boolean} framed @param {Colours} colours
 */
function overlay(mark, counts, { planned }, framed, colours) {
  const { rows, columns, averaged } = planned;
  const element = make("canvas", { width: columns, height: rows, "data-colours": colours.mark + colours.ground });
  const context = contextOf(element);
  const image = context.createImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  const veil = mark.kind === "bar" ? pixelOf(colours.ground, VEIL) : 0;
  const ink = pixelOf(colours.mark, 1) & 0xffffff;
  let most = 1;
  for (let cell = 0; cell < counts.length; cell += 1) if (counts[cell] > most) most = counts[cell];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const cell = planned.cell(row, column);
      if (cell < 0) continue;
      const strength = averaged ? 0.35 + (0.65 * counts[cell]) / most : 1;
      const marked = framed ? 0 : ((Math.round(255 * strength) << 24) | ink) >>> 0;
      pixels[row * columns + column] = counts[cell] ? marked : veil;
    }
  }
  context.putImageData(image, 0, 0);
  return element;
}
