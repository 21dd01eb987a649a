// Colours of a heatmap, and the fast way to paint thousands of cells: into one picture, pixel by pixel.

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

const step = (strength) => Math.min(255, Math.max(0, Math.round(strength * 255)));

/** @param {number} strength from 0 to 1 */
export const colourOf = (strength) => STYLES[step(strength)];

function rgb(hex) { return [1, 3, 5].map((start) => parseInt(hex.slice(start, start + 2), 16)); }

/** A colour as it lies in an ImageData on a little-endian machine. */
function pixel([red, green, blue]) { return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0; }

/**
 * Paints the cells of an averaged plan; the filled part of each is its kept share, by area.
 * @param {CanvasRenderingContext2D} context scaled to CSS pixels
 * @param {{rows: number, columns: number}} planned
 * @param {{wide: number, tall: number}} box a cell's size in CSS pixels
 * @param {import("./grid.js").Cells} cells
 * @param {number} strongest |w| of the brightest colour
 * @param {string} ground colour of what is pruned
 */
export function paintAveraged(context, planned, box, { kept, size, mean }, strongest, ground) {
  const dense = context.getTransform().a;
  const [width, height] = [context.canvas.width, Math.min(context.canvas.height, Math.ceil(planned.rows * box.tall * dense))];
  if (!width || !height) return;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  context.fillStyle = ground; // any CSS colour in, #rrggbb out
  pixels.fill(pixel(rgb(context.fillStyle)));
  const [wide, tall] = [box.wide * dense, box.tall * dense];
  const gap = Math.min(box.wide, box.tall) >= 6 ? dense : 0;
  for (let row = 0; row < planned.rows; row += 1) {
    for (let column = 0; column < planned.columns; column += 1) {
      const cell = row * planned.columns + column;
      if (!kept[cell]) continue;
      const side = Math.sqrt(kept[cell] / size[cell]);
      const [w, h] = [side * (wide - gap), side * (tall - gap)];
      const left = Math.round(column * wide + (wide - gap - w) / 2);
      const top = Math.round(row * tall + (tall - gap - h) / 2);
      // What is kept is never too small to be seen.
      const right = Math.min(Math.max(Math.round(left + w), left + 1), width);
      const bottom = Math.min(Math.max(Math.round(top + h), top + 1), height);
      const colour = PIXELS[step(mean[cell] / strongest)];
      for (let y = top; y < bottom; y += 1) for (let x = left; x < right; x += 1) pixels[y * width + x] = colour;
    }
  }
  context.putImageData(image, 0, 0);
}
