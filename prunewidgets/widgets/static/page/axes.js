// Axes with names and round ticks, and a hatch that shows "pruned" without colour.
import { roundStepOf } from "../numbers/round_steps.js";
import { contextOf } from "./canvas.js";
/** @import { Colours, Plot } from "../types.js" */

/** The margins around a plot for its axes and their names, in pixels; `size` is the font size. @param {number} size */
export function margins(size) {
  const [left, right, top, bottom] = [5.4, 1.8, 1.4, 2.9].map((times) => Math.round(times * size));
  return { left, right, top, bottom };
}

/**
 * The left margin, wider than usual where the numbers beside it would run into the name of the axis.
 * @param {CanvasRenderingContext2D} context
 * @param {Colours} colours
 * @param {string[]} numbers
 */
export function leftMargin(context, { size, font }, numbers) {
  context.font = `${size}px ${font}`;
  const widest = Math.max(...numbers.map((text) => context.measureText(text).width));
  return Math.max(margins(size).left, Math.ceil(1.4 * size + 4 + widest + 6)); // the name, a gap, the numbers, a gap
}

/** Round tick values for a scale; `wanted` is about how many. @param {number} low @param {number} high @param {number} wanted @returns {number[]} */
export function roundTicks(low, high, wanted) {
  const raw = (high - low) / Math.max(wanted, 1);
  const decade = 10 ** Math.floor(Math.log10(raw));
  const step = roundStepOf(decade, raw * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i += 1) ticks.push(Number((i * step).toPrecision(12)));
  // The range may end just inside its outermost ticks and leave the axis with too few; then use closer ones.
  // (Between the smallest floats there are none, hence the limit.)
  return ticks.length < 3 && wanted >= 3 && wanted < 200 ? roundTicks(low, high, 2 * wanted) : ticks;
}

/**
 * Round ticks for an axis that goes across. One or two give no scale to read: then closer ones, if their numbers have room.
 * @param {CanvasRenderingContext2D} context @param {{low: number, high: number, at: (v: number) => number}} axis
 * @param {(v: number) => string} text @param {number} wanted
 */
function ticksWithRoom(context, { low, high, at }, text, wanted) {
  let ticks = roundTicks(low, high, wanted);
  for (let more = 2 * wanted; ticks.length < 3 && more < 8 * wanted; more *= 2) {
    const closer = roundTicks(low, high, more);
    const widest = Math.max(...closer.map((tick) => context.measureText(text(tick)).width));
    if (closer.length > 1 && at(closer[1]) - at(closer[0]) < widest + 6) break;
    ticks = closer;
  }
  return ticks;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Colours} colours
 * @param {Plot} plot
 * @param {Record<"x" | "y", {low: number, high: number, at: (v: number) => number, name: string, ticks?: number[], text?: (v: number) => string}>} scales
 */
export function drawAxes(context, colours, plot, { x, y }) {
  const { size } = colours;
  context.font = `${size}px ${colours.font}`;
  context.lineWidth = 1;
  context.fillStyle = colours.soft;
  context.strokeStyle = colours.line;
  context.beginPath();
  context.moveTo(plot.left, plot.bottom + 0.5);
  context.lineTo(plot.right, plot.bottom + 0.5);
  context.stroke();
  /** @param {number} v */
  const number = (v) => String(v).replace("-", "−");
  context.textAlign = "center";
  context.textBaseline = "top";
  const end = plot.right + margins(colours.size).right; // of the picture, so that a long last number stays inside
  const across = x.text ?? number;
  for (const tick of x.ticks ?? ticksWithRoom(context, x, across, (plot.right - plot.left) / (4.3 * size))) {
    const text = across(tick);
    context.fillText(text, Math.min(x.at(tick), end - 3 - context.measureText(text).width / 2), plot.bottom + 5);
  }
  context.fillStyle = colours.ink;
  context.fillText(x.name, (plot.left + plot.right) / 2, plot.bottom + 8 + size);
  context.fillStyle = colours.soft;
  context.textAlign = "right";
  context.textBaseline = "middle";
  for (const tick of y.ticks ?? roundTicks(y.low, y.high, (plot.bottom - plot.top) / (2.6 * size))) {
    const height = y.at(tick);
    context.globalAlpha = 0.6;
    context.beginPath();
    context.moveTo(plot.left, height + 0.5);
    context.lineTo(plot.right, height + 0.5);
    context.stroke();
    context.globalAlpha = 1;
    context.fillText((y.text ?? number)(tick), plot.left - 6, Math.min(height, plot.bottom - 0.3 * size)); // clear of the first number below
  }
  context.save();
  context.translate(size * 0.7, (plot.top + plot.bottom) / 2);
  context.rotate(-Math.PI / 2);
  context.textAlign = "center";
  context.fillStyle = colours.ink;
  context.fillText(y.name, 0, 0);
  context.restore();
  context.textBaseline = "alphabetic";
}

/** A fill pattern of diagonal lines. @param {CanvasRenderingContext2D} context @param {string} colour @param {string} ground */
export function hatch(context, colour, ground) {
  const tile = document.createElement("canvas");
  tile.width = tile.height = 6;
  const pen = contextOf(tile);
  pen.fillStyle = ground;
  pen.fillRect(0, 0, 6, 6);
  pen.strokeStyle = colour;
  pen.lineWidth = 1.6;
  pen.beginPath();
  for (const shift of [-6, 0, 6]) {
    pen.moveTo(shift, 6);
    pen.lineTo(shift + 6, 0);
  }
  pen.stroke();
  return context.createPattern(tile, "repeat") ?? colour;
}
