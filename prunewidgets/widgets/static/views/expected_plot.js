// The picture of a drawn curve: its line, and the measured points that grow over it with the gap between the two.
import { make, write } from "../page/elements.js";
import { onKeys, plainKey } from "../page/keys.js";
import { grouped, number, percent, say } from "../page/text.js";
import { measureOf, sayOf, valueText } from "../page/measure.js";
import { canvas } from "../page/canvas.js";
import { diamond, drawAccuracyAxes, drawBand, drawMark } from "../page/accuracy_axes.js";
import { heightAt } from "../numbers/expectation.js";
import { valueRange } from "../numbers/value_range.js";
/** @import { Scales } from "../page/accuracy_axes.js" */
/** @import { Colours, ExpectedTraits, Plot, View } from "../types.js" */
/** @import { Gap, Measured, Spot } from "../numbers/expectation.js" */

/** A point to draw, at the height where it was set or where it rests. @typedef {{sparsity: number, accuracy: number, set: boolean}} Place */

const GROWING = 420; // milliseconds that a measured point takes to appear
const APART = 200; // milliseconds from one point to the next

/**
 * @param {View<ExpectedTraits>} view
 * @param {{stretched: boolean, spots: () => Place[], curve: () => Spot[], points: () => Measured[], gap: () => Gap | null, placed: () => void}} parts
 *   `placed` is called when the scales have changed
 */
export function mountExpectedPlot(view, { stretched, spots, curve, points, gap, placed }) {
  const { model } = view;
  const picture = canvas(view, 2000, draw);
  const detail = make("div", { class: "pw-detail" });
  /** @type {Scales | null} */
  let scales = null;
  /** @type {Plot | null} */
  let plot = null;
  /** @type {Map<number, number>} */
  const appeared = new Map(); // sparsity of a measured point -> when it began to appear
  let low = 0; // the lowest value on the axis, on its way to where it should be
  const { share } = measureOf(view);
  let first = true; // nothing grows in the first picture: it was there before
  let read = -1; // the measured point being read
  picture.element.setAttribute("role", "img");

  const revealed = () => model.get("stage") !== "drawing";
  const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
  const shown = () => (revealed() ? [...points()].sort((a, b) => a.sparsity - b.sparsity) : []);

  /** Lets points that were not there begin to appear, one after the other. */
  function refresh() {
    let next = performance.now();
    const seen = new Set(shown().map((p) => p.sparsity));
    for (const sparsity of appeared.keys()) if (!seen.has(sparsity)) appeared.delete(sparsity);
    for (const { sparsity } of shown()) {
      if (appeared.has(sparsity)) continue;
      appeared.set(sparsity, first || still() ? -Infinity : next);
      next += APART;
    }
    if (first) low = range().low;
    first = false;
    read = -1;
    write(detail, "");
    detail.dataset.hint = revealed() && points().length ? say(view, "hint_points") : "";
    picture.element.tabIndex = revealed() ? 0 : -1;
    picture.element.setAttribute("aria-label", [sayOf(view, ["expected", "expected_of"]), ...description()].join(". "));
    picture.redraw();
  }

  /** Milliseconds until all points have appeared. */
  const growing = () => Math.max(0, ...[...appeared.values()].map((start) => start + GROWING - performance.now()));

  /** 0 to 1: how far a point has appeared. @param {Measured} point */
  function progress({ sparsity }) {
    const way = Math.min(Math.max((performance.now() - (appeared.get(sparsity) ?? Infinity)) / GROWING, 0), 1);
    return 1 - (1 - way) ** 3;
  }

  /** While the reader draws, the axis is whole: an axis that stretches would give away where the points lie. */
  function range() {
    const [least, most] = model.get("span");
    if (!shown().length) return { low: least, high: most };
    const drawn = model.get("stage") === "locked" ? curve().map(([, accuracy]) => accuracy) : [];
    const values = [...drawn, ...shown().map((p) => p.low ?? p.accuracy)];
    return valueRange(share ? values : [...values, least, most], share);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height @param {Colours} colours */
  function draw(context, width, height, colours) {
    const { low: target, high } = range();
    low = still() || Math.abs(target - low) < 0.002 * (high - target) ? target : low + (target - low) * 0.14;
    const places = spots();
    const known = [...places, ...shown()].map((p) => p.sparsity);
    const most = Math.max(0.9, ...known.filter((s) => s < 1));
    const ticks = [0, ...places.map((p) => p.sparsity)];
    const axes = drawAccuracyAxes(view, context, [width, height], colours, { stretched, most, low, high, ticks });
    ({ plot, scales } = axes);
    const measured = grown();
    const guess = model.get("stage") === "shown" ? [] : curve();
    if (gap()) shadeGap(context, scales, colours, guess, measured);
    drawGuess(context, scales, colours, places);
    drawMeasured(context, scales, colours, measured);
    const found = gap();
    if (found && !growing()) drawLargest(context, scales, plot, colours, found);
    if (growing() || low !== target) picture.redraw();
    placed();
  }

  /** The measured points as far as they have appeared: a new one comes along the line from the one before. @returns {(Measured & {way: number})[]} */
  function grown() {
    /** @type {(Measured & {way: number})[]} */
    const found = [];
    for (const point of shown()) {
      const way = progress(point);
      if (!way) continue;
      const from = found.at(-1) ?? point;
      const part = (/** @type {number} */ a, /** @type {number} */ b) => a + (b - a) * way;
      found.push({ ...point, way, sparsity: part(from.sparsity, point.sparsity), accuracy: part(from.accuracy, point.accuracy) });
    }
    return found;
  }

  /** The line of a curve from one sparsity to another: straight in sparsity, so bent where the axis is stretched. @param {CanvasRenderingContext2D} context @param {Scales} at @param {Spot[]} line @param {number} from @param {number} to */
  function trace(context, at, line, from, to) {
    const steps = stretched ? 24 : 1;
    const stops = [from, ...line.map(([s]) => s).filter((s) => s > from && s < to), to];
    for (let i = 1; i < stops.length; i += 1) {
      for (let j = i === 1 ? 0 : 1; j <= steps; j += 1) {
        const s = stops[i - 1] + ((stops[i] - stops[i - 1]) * j) / steps;
        context.lineTo(at.x(s), at.y(heightAt(line, s) ?? 0));
      }
    }
  }

  /** @param {CanvasRenderingContext2D} context @param {Scales} at @param {Colours} colours @param {Spot[]} guess @param {Measured[]} measured */
  function shadeGap(context, at, colours, guess, measured) {
    const inside = measured.filter((p) => heightAt(guess, p.sparsity) !== null);
    if (inside.length < 2) return;
    context.fillStyle = colours.lines[1];
    context.globalAlpha = 0.2;
    context.beginPath();
    trace(context, at, guess, inside[0].sparsity, inside[inside.length - 1].sparsity);
    for (const p of inside.reverse()) context.lineTo(at.x(p.sparsity), at.y(p.accuracy));
    context.fill();
    context.globalAlpha = 1;
  }

  /** @param {CanvasRenderingContext2D} context @param {Scales} at @param {Colours} colours @param {Place[]} places */
  function drawGuess(context, at, colours, places) {
    if (model.get("stage") === "shown") return;
    const start = model.get("unpruned");
    const all = [...(start === null ? [] : [{ sparsity: 0, accuracy: start, set: true }]), ...places];
    const line = /** @type {Spot[]} */ (all.map((p) => [p.sparsity, p.accuracy]));
    all.slice(1).forEach((p, i) => {
      const set = p.set && all[i].set;
      context.strokeStyle = set ? colours.lines[1] : colours.soft;
      context.lineWidth = set ? 2.5 : 1.2;
      context.setLineDash(set ? [7, 4] : [2, 4]);
      context.beginPath();
      trace(context, at, line, all[i].sparsity, p.sparsity);
      context.stroke();
    });
    context.setLineDash([]);
    if (start !== null) drawStart(context, at, colours, start);
    if (!revealed()) return; // handles stand on the points
    for (const p of places) {
      diamond(context, at.x(p.sparsity), at.y(p.accuracy), 7.5);
      context.fillStyle = colours.lines[1];
      context.fill();
      context.strokeStyle = colours.panel;
      context.lineWidth = 1.5;
      context.stroke();
    }
  }

  /** The accuracy that is known before: a ring, since it is neither drawn nor measured here. @param {CanvasRenderingContext2D} context @param {Scales} at @param {Colours} colours @param {number} start */
  function drawStart(context, at, colours, start) {
    context.fillStyle = colours.panel;
    context.strokeStyle = colours.ink;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(at.x(0), at.y(start), 5, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
    if (revealed()) return;
    context.fillStyle = colours.soft;
    context.textAlign = "left";
    context.fillText(
      say(view, "unpruned", { accuracy: share ? `${grouped(view, Math.round(start * 1000) / 10)} %` : valueText(view, start) }),
      at.x(0) + 9,
      at.y(start) - 7,
    );
  }

  /** @param {CanvasRenderingContext2D} context @param {Scales} at @param {Colours} colours @param {(Measured & {way: number})[]} measured */
  function drawMeasured(context, at, colours, measured) {
    const colour = colours.lines[0];
    drawBand(
      context,
      at,
      measured.filter((p) => p.way === 1),
      colour,
    );
    context.strokeStyle = context.fillStyle = colour;
    context.lineWidth = 2.5;
    context.beginPath();
    for (const p of measured) context.lineTo(at.x(p.sparsity), at.y(p.accuracy));
    context.stroke();
    for (const p of measured) drawMark(context, 0, at.x(p.sparsity), at.y(p.accuracy));
  }

  /** The largest gap as a measure beside it. @param {CanvasRenderingContext2D} context @param {Scales} at @param {Plot} area @param {Colours} colours @param {Gap} found */
  function drawLargest(context, at, area, colours, found) {
    const [x, top, bottom] = [at.x(found.sparsity), at.y(Math.max(found.expected, found.measured)), at.y(Math.min(found.expected, found.measured))];
    if (bottom - top < 2.4 * colours.size) return; // no room beside it, and little to show
    const text = share ? say(view, "gap_here", { points: grouped(view, Math.round(found.largest * 10) / 10) }) : number(view, found.largest);
    context.strokeStyle = context.fillStyle = colours.ink;
    context.lineWidth = 1.5;
    context.beginPath();
    for (const [end, way] of [
      [top + 9, 1],
      [bottom - 7, -1],
    ]) {
      context.moveTo(x - 4, end + 4 * way);
      context.lineTo(x, end);
      context.lineTo(x + 4, end + 4 * way);
    }
    context.moveTo(x, top + 9);
    context.lineTo(x, bottom - 7);
    context.stroke();
    context.font = `600 ${colours.size}px ${colours.font}`;
    const [wide, middle] = [context.measureText(text).width + 12, (top + bottom) / 2];
    const left = x + 8 + wide > area.right + 1.6 * colours.size ? x - 8 - wide : x + 8;
    context.fillStyle = colours.panel;
    context.globalAlpha = 0.9;
    context.beginPath();
    context.roundRect(left, middle - 0.8 * colours.size, wide, 1.6 * colours.size, 4);
    context.fill();
    context.globalAlpha = 1;
    context.fillStyle = colours.ink;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillText(text, left + wide / 2, middle + 1);
    context.textBaseline = "alphabetic";
  }

  /** @param {Measured} point */
  function reading(point) {
    const guess = model.get("stage") === "locked" ? heightAt(curve(), point.sparsity) : null;
    const values = { sparsity: percent(view, point.sparsity), accuracy: valueText(view, point.accuracy) };
    if (guess === null) return sayOf(view, ["point_bare", "point_bare_of"], values);
    return say(view, "point_expected", { ...values, expected: valueText(view, guess) });
  }

  /** What a screen reader says of the picture. */
  function description() {
    if (!revealed())
      return spots()
        .filter((p) => p.set)
        .map(({ sparsity, accuracy }) => say(view, "handle_at", { sparsity: percent(view, sparsity, 0), accuracy: valueText(view, accuracy, 0) }));
    return shown().map(reading);
  }

  picture.element.addEventListener("pointermove", (event) => {
    const at = scales;
    if (!at || !shown().length) return;
    const x = event.clientX - picture.element.getBoundingClientRect().left;
    const away = shown().map((p) => Math.abs(at.x(p.sparsity) - x));
    read = away.indexOf(Math.min(...away));
    write(detail, reading(shown()[read]));
  });
  onKeys(view, picture.element, (event) => {
    const last = shown().length - 1;
    /** @type {Record<string, number>} */
    const places = { ArrowRight: Math.min(read + 1, last), ArrowLeft: Math.max(read - 1, 0), Home: 0, End: last };
    const to = places[plainKey(event)];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    read = to;
    write(detail, reading(shown()[read]));
  });

  return {
    picture,
    detail,
    refresh,
    growing,
    scales: () => scales,
    stretched: () => stretched,
    stretch: (/** @type {boolean} */ on) => {
      stretched = on;
      picture.redraw();
    },
  };
}
