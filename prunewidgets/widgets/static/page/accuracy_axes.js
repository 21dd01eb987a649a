// The axes of accuracy over sparsity, and the marks and dashes of the lines on them.
import { digitsApart, grouped, number, say } from "./text.js";
import { drawAxes, leftMargin, margins, roundTicks } from "./axes.js";
import { measureOf } from "./measure.js";
/** @import { Colours, Plot, Point, View } from "../types.js" */

/**
 * From values to pixels and back.
 * @typedef {object} Scales
 * @property {(sparsity: number) => number} x
 * @property {(accuracy: number) => number} y
 * @property {(x: number) => number} sparsity
 * @property {(y: number) => number} accuracy
 */

export const MARKS = ["●", "■", "▲", "▼"];
/** Until the first drawing. @type {Scales} */
export const UNDRAWN = { x: () => 0, y: () => 0, sparsity: () => 0, accuracy: () => 0 };
export const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

/**
 * Draws the axes and returns their scales.
 * @param {View} view
 * @param {CanvasRenderingContext2D} context
 * @param {[width: number, height: number]} size
 * @param {Colours} colours
 * @param {{stretched: boolean, most: number, low: number, high?: number, ticks?: number[], apart?: number}} range `stretched`: each
 *   time ten times fewer weights are kept, the axis advances by the same length, up to the sparsity `most`; `low` and `high` are the
 *   ends of the other axis; of the `ticks` those are left out that would stand less than `apart` pixels from the one before
 * @returns {{plot: Plot, scales: Scales}}
 */
export function drawAccuracyAxes(view, context, [width, height], colours, { stretched, most, low, high = 1, ticks, apart = 3.6 * colours.size }) {
  const edge = margins(colours.size);
  const { share } = measureOf(view);
  const { left, axis } = valueAxis(view, context, colours, height, { low, high });
  const plot = { left, right: width - edge.right, top: edge.top, bottom: height - edge.bottom };
  const [wide, tall] = [plot.right - plot.left, plot.bottom - plot.top];
  const end = stretched ? -Math.log10(1 - most) * 1.03 : 1;
  const along = (/** @type {number} */ s) => (stretched ? Math.min(-Math.log10(Math.max(1 - s, 1e-12)), end) : s) / end;
  /** @type {Scales} */
  const scales = {
    x: (s) => plot.left + along(s) * wide,
    y: axis.at,
    sparsity: (x) => {
      const way = Math.min(Math.max((x - plot.left) / wide, 0), 1);
      return stretched ? 1 - 10 ** (-way * end) : way;
    },
    accuracy: (y) => Math.min(Math.max(low + ((plot.bottom - y) / tall) * (high - low), share ? 0 : low), high),
  };
  const usual = stretched ? [0, 0.5, 0.9, 0.95, 0.99, 0.995, 0.999].filter((s) => along(s) < 1) : [0, 0.2, 0.4, 0.6, 0.8, 1];
  let last = -Infinity;
  const shown = (ticks ?? usual).filter((tick) => {
    const fits = scales.x(tick) - last >= apart;
    if (fits) last = scales.x(tick);
    return fits;
  });
  drawAxes(context, colours, plot, {
    x: {
      low: 0,
      high: 1,
      at: scales.x,
      name: fitting(context, wide + 2 * edge.right - 6, sparsityNames(view, stretched)),
      text: (v) => shareText(view, v),
      ticks: shown,
    },
    y: axis,
  });
  return { plot, scales };
}

/**
 * The axis of measured values, for `drawAxes`, and the margin to its left; sets the font that numbers and names are measured in.
 * @param {View} view @param {CanvasRenderingContext2D} context @param {Colours} colours @param {number} height of the picture
 * @param {{low: number, high: number}} range
 */
export function valueAxis(view, context, colours, height, { low, high }) {
  const edge = margins(colours.size);
  const { share } = measureOf(view);
  context.font = `${colours.size}px ${colours.font}`;
  const bottom = height - edge.bottom;
  const tall = bottom - edge.top;
  const ticks = roundTicks(low, high, tall / (2.6 * colours.size));
  const digits = digitsApart(ticks);
  const text = (/** @type {number} */ v) => (share ? shareText(view, v) : number(view, v, digits));
  const at = (/** @type {number} */ v) => bottom - ((v - low) / (high - low)) * tall;
  const name = fitting(context, tall + 2 * edge.top - 6, valueNames(view, low, text(low)));
  return { left: share ? edge.left : leftMargin(context, colours, ticks.map(text)), axis: { low, high, at, name, ticks, text } };
}

/** A share beside an axis: no decimals that say nothing. @param {View} view @param {number} share */
const shareText = (view, share) => `${grouped(view, Number((share * 100).toPrecision(6)))} %`;

/** Names of an axis, the best first; the last is short enough for any. @param {View} view @param {boolean} stretched */
const sparsityNames = (view, stretched) =>
  [...(stretched ? ["sparsity_axis_stretched", "sparsity_axis_stretched_short"] : ["sparsity_axis"]), "sparsity"].map((key) => say(view, key));
/** @param {View} view @param {number} low @param {string} start the same as text */
function valueNames(view, low, start) {
  const { name, share } = measureOf(view);
  const begins = share ? low > 0 : low !== 0;
  const own = name || say(view, "accuracy_axis");
  return begins ? [...["starts_at", "starts_at_short"].map((key) => `${own} (${say(view, key, { low: start })})`), own] : [own];
}

/** The first text that has room along an axis; the last one is cut if none has. @param {CanvasRenderingContext2D} context @param {number} room @param {string[]} texts */
function fitting(context, room, texts) {
  const found = texts.find((text) => context.measureText(text).width <= room);
  if (found) return found;
  let last = texts[texts.length - 1];
  while (last.length > 1 && context.measureText(`${last}…`).width > room) last = last.slice(0, -1);
  return `${last}…`;
}

/** The interval of each point as a band and whiskers. @param {CanvasRenderingContext2D} context @param {Scales} scales @param {Point[]} points ascending @param {string} colour */
export function drawBand(context, scales, points, colour) {
  const bars = points.flatMap(({ sparsity, low, high }) =>
    low == null || high == null ? [] : [{ x: scales.x(sparsity), bottom: scales.y(low), top: scales.y(high) }],
  );
  if (bars.length < points.length) return;
  context.fillStyle = colour;
  context.globalAlpha = 0.18;
  context.beginPath();
  for (const { x, top } of bars) context.lineTo(x, top);
  for (const { x, bottom } of [...bars].reverse()) context.lineTo(x, bottom);
  context.fill();
  context.globalAlpha = 0.8;
  for (const { x, top, bottom } of bars) context.fillRect(x - 0.5, top, 1, bottom - top);
  context.globalAlpha = 1;
}

/** The mark of the i-th method. @param {CanvasRenderingContext2D} context @param {number} i @param {number} x @param {number} y */
export function drawMark(context, i, x, y) {
  const shape = i % MARKS.length;
  context.beginPath();
  if (shape === 0) context.arc(x, y, 3.5, 0, 2 * Math.PI);
  else if (shape === 1) context.rect(x - 3, y - 3, 6, 6);
  else {
    const up = shape === 2 ? 1 : -1;
    context.moveTo(x, y - 4 * up);
    context.lineTo(x + 4, y + 3 * up);
    context.lineTo(x - 4, y + 3 * up);
  }
  context.fill();
}

/** A diamond, filled or as an outline on the ground. @param {CanvasRenderingContext2D} context @param {number} x @param {number} y @param {number} size */
export function diamond(context, x, y, size) {
  context.beginPath();
  context.moveTo(x, y - size);
  context.lineTo(x + size * 0.86, y);
  context.lineTo(x, y + size);
  context.lineTo(x - size * 0.86, y);
  context.closePath();
}
