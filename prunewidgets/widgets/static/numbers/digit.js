// A drawn digit as MNIST has its digits: the longer side 20 pixels, antialiased, its centre of mass on one pixel of 28 × 28.
/** @typedef {[x: number, y: number][]} Stroke in shares of the pad's side, from its upper left corner */

/** Pixels along each side of the picture. */
export const SIDE = 28;
const BOX = 20; // pixels along the longer side of the ink
const MIDDLE = 14.5; // MNIST's centres of mass lie in the middle of pixel 14, not between two pixels
const FINE = 16; // samples along each side of a pixel
const FIELD = SIDE * FINE;

/**
 * Returns the picture: 28 rows of 28 bytes, 0 for the ground and 255 for ink. All of it is 0 without strokes.
 * @param {Stroke[]} strokes
 * @param {number} pen the width of the line, in the same shares
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function asDigit(strokes, pen) {
  const picture = new Uint8Array(SIDE * SIDE);
  const points = strokes.flat();
  if (!points.length) return picture;
  const [across, down] = [0, 1].map((axis) => rangeOf(points.map((point) => point[axis])));
  const scale = (BOX * FINE) / (Math.max(across.length, down.length) + pen);
  const samples = new Uint8Array(FIELD * FIELD);
  for (const stroke of strokes) {
    const placed = stroke.map(([x, y]) => [(x - across.middle) * scale + FIELD / 2, (y - down.middle) * scale + FIELD / 2]);
    for (const [i, point] of placed.entries()) fillLine(samples, placed[Math.max(i - 1, 0)], point, (pen * scale) / 2);
  }
  const centre = centreOf(samples);
  const [right, below] = [across, down].map(({ length }, axis) => {
    const room = Math.floor((FIELD - (length + pen) * scale) / 2); // so that no ink is cut off
    return Math.min(Math.max(Math.round(MIDDLE * FINE - centre[axis]), -room), room);
  });
  const covered = new Uint16Array(SIDE * SIDE);
  for (let i = 0; i < samples.length; i += 1) {
    if (!samples[i]) continue;
    const [column, row] = [(i % FIELD) + right, Math.floor(i / FIELD) + below];
    covered[Math.floor(row / FINE) * SIDE + Math.floor(column / FINE)] += 1;
  }
  return picture.map((_, i) => Math.round((255 * covered[i]) / FINE ** 2));
}

/** @param {number[]} values */
function rangeOf(values) {
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  return { length: high - low, middle: (low + high) / 2 };
}

/** Marks the samples no farther than `radius` from the line between two points. @param {Uint8Array} samples @param {number[]} from @param {number[]} to @param {number} radius */
function fillLine(samples, [x0, y0], [x1, y1], radius) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const squared = dx * dx + dy * dy;
  const [left, right] = [Math.min(x0, x1) - radius, Math.max(x0, x1) + radius].map((x) => Math.floor(x));
  const [top, bottom] = [Math.min(y0, y1) - radius, Math.max(y0, y1) + radius].map((y) => Math.floor(y));
  for (let row = Math.max(top, 0); row <= Math.min(bottom, FIELD - 1); row += 1) {
    for (let column = Math.max(left, 0); column <= Math.min(right, FIELD - 1); column += 1) {
      const [x, y] = [column + 0.5 - x0, row + 0.5 - y0];
      const along = squared ? Math.min(Math.max((x * dx + y * dy) / squared, 0), 1) : 0;
      if ((x - along * dx) ** 2 + (y - along * dy) ** 2 <= radius * radius) samples[row * FIELD + column] = 1;
    }
  }
}

/** The centre of mass of the marked samples. @param {Uint8Array} samples @returns {[x: number, y: number]} */
function centreOf(samples) {
  let [n, x, y] = [0, 0, 0];
  samples.forEach((marked, i) => {
    if (!marked) return;
    n += 1;
    x += (i % FIELD) + 0.5;
    y += Math.floor(i / FIELD) + 0.5;
  });
  return [x / n, y / n];
}
