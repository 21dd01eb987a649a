// Colours of a heatmap, and the fast way to paint thousands of cells: into one picture, pixel by pixel.
import { contextOf } from "../page/canvas.js";
import { make } from "../page/elements.js";
/** @import { Cells, Plan } from "../numbers/grid.js" */
/** @import { Colours } from "../types.js" */

const CIVIDIS = ["#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#e1cc55", "#fee838"];

/** The colour scale as a CSS gradient. */
export const GRADIENT = `linear-gradient(to right, ${CIVIDIS.join(", ")})`;

/** matplotlib's cividis in 256 steps, from ten of its colours: [red, green, blue]. */
const STEPS = Array.from({ length: 256 }, (_, i) => {
  const at = (i / 255) * (CIVIDIS.length - 1);
  const [low, high] = [rgb(CIVIDIS[Math.floor(at)]), rgb(CIVIDIS[Math.ceil(at)])];
  return low.map((part, c) => Math.round(part + (high[c] - part) * (at % 1)));
});
const STYLES = STEPS.map((parts) => `rgb(${parts})`);
const PIXELS = Uint32Array.from(STEPS, pixel);

/** @param {number} strength */
const step = (strength) => Math.min(255, Math.max(0, Math.round(strength * 255)));

/** @param {number} strength from 0 to 1 */
export const colourOf = (strength) => STYLES[step(strength)];

/** @param {string} hex */
function rgb(hex) {
  return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16));
}

/** A colour as an ImageData stores it on a little-endian machine. @param {number[]} parts */
function pixel([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

/**
 * Paints cells too small for a value. In a cell that stands for several weights, the kept share of its area is filled.
 * @param {CanvasRenderingContext2D} context scaled to CSS pixels
 * @param {Plan & {image?: ImageData}} planned
 * @param {{wide: number, tall: number}} box a cell's size in CSS pixels
 * @param {Cells} cells
 * @param {number} strongest |w| of the brightest colour
 * @param {Colours} colours
 */
export function paintCells(context, planned, box, { kept, size, mean }, strongest, colours) {
  const dense = context.getTransform().a;
  const { rows, columns, gaps } = planned;
  const [wide, tall] = [box.wide * dense, box.tall * dense];
  const width = Math.min(context.canvas.width, Math.ceil(columns * wide));
  const height = Math.min(context.canvas.height, Math.ceil(rows * tall));
  if (!width || !height) return;
  let { image } = planned; // the same for each frame
  if (image?.width !== width || image.height !== height) planned.image = image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  colours.pixels ??= { ground: pixelOf(colours.ground, 1), line: pixelOf(colours.line, 0.5) };
  const { ground, line } = colours.pixels;
  pixels.fill(gaps ? line : ground);
  const gap = Math.min(box.wide, box.tall) >= 6 ? dense : 0;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const cell = planned.cell(row, column);
      if (cell < 0 || (!kept[cell] && !gaps)) continue;
      const side = kept[cell] ? Math.sqrt(kept[cell] / size[cell]) : 1;
      const [w, h] = [side * (wide - gap), side * (tall - gap)];
      const left = Math.round(column * wide + (wide - gap - w) / 2);
      const top = Math.round(row * tall + (tall - gap - h) / 2);
      // The kept part is never too small to be seen; full cells touch.
      const right = Math.min(Math.max(Math.round(column * wide + (wide - gap + w) / 2), left + 1), width);
      const bottom = Math.min(Math.max(Math.round(row * tall + (tall - gap + h) / 2), top + 1), height);
      const colour = kept[cell] ? PIXELS[step(mean[cell] / strongest)] : ground;
      for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) pixels[y * width + x] = colour;
    }
  }
  context.putImageData(image, 0, 0);
}

/** Any CSS colour as an ImageData stores it. @param {string} colour @param {number} opacity */
export function pixelOf(colour, opacity) {
  const pen = contextOf(make("canvas", { width: 1, height: 1 }));
  pen.globalAlpha = opacity;
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  return new Uint32Array(pen.getImageData(0, 0, 1, 1).data.buffer)[0];
}

/**
 * Draws a pruned cell: its frame, and a stroke across.
 * @param {CanvasRenderingContext2D} context @param {number} left @param {number} up
 * @param {{wide: number, tall: number}} cellSize @param {Colours} colours
 */
export function drawBlank(context, left, up, { wide, tall }, colours) {
  context.fillStyle = colours.ground;
  context.fillRect(left, up, wide, tall);
  context.strokeStyle = colours.line;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, up + 0.5, wide - 1, tall - 1);
  context.beginPath();
  context.moveTo(left + wide * 0.3, up + tall * 0.7);
  context.lineTo(left + wide * 0.7, up + tall * 0.3);
  context.stroke();
}
