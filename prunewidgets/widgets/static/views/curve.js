// Accuracy against sparsity: measured points with their intervals, and a mark at the current sparsity.
import { renderer } from "../page/view.js";
import { announcer, checkbox, make, write } from "../page/elements.js";
import { onKeys, plainKey } from "../page/keys.js";
import { percent, say } from "../page/text.js";
import { measureOf, sayOf, titleParts, valueText } from "../page/measure.js";
import { watch } from "../page/watch.js";
import { canvas } from "../page/canvas.js";
import { inMotion } from "../page/motion.js";
import { commit, moveTo } from "../page/moving.js";
import { valueRange } from "../numbers/value_range.js";
import { DASHES, MARKS, UNDRAWN, diamond, drawAccuracyAxes, drawBand, drawMark } from "../page/accuracy_axes.js";
/** @import { Colours, CurveTraits, Line, Plot, Point, View } from "../types.js" */
/** @import { Scales } from "../page/accuracy_axes.js" */

/** @type {Record<string, number>} */
const BY_KEY = { ArrowRight: 1, ArrowLeft: -1, End: Infinity, Home: -Infinity };
const CROWDED = 0.9; // points from this sparsity on share a tenth of an axis that is not stretched

/** A standalone curve: it has thresholds for its measured points only. */
export const curve = renderer((/** @type {View<CurveTraits>} */ view) => {
  const { model } = view;
  const points = () => model.get("series").flatMap((line) => line.points);
  /** The point nearest in one of its values; undefined if no point has it. @param {"threshold" | "sparsity"} key @param {number} value */
  const nearest = (key, value) => least(points(), (p) => Math.abs((p[key] ?? Infinity) - value));
  view.sparsityAt = (threshold) => nearest("threshold", threshold)?.sparsity ?? model.get("sparsity");
  /** @param {number} sparsity */
  const pick = (sparsity) => {
    const point = nearest("sparsity", sparsity);
    if (!point) return;
    moveTo(view, point.threshold ?? model.get("threshold"), point.sparsity);
    commit(view, 120);
  };
  mountCurve(view, pick);
});

/**
 * Reads the trait `series`: [{name, points: [{sparsity, accuracy, low, high, threshold}]}].
 * @param {View<CurveTraits>} view
 * @param {(sparsity: number) => void} pick called on a click or an arrow key
 */
export function mountCurve(view, pick) {
  const { model } = view;
  /** What the reader chose; null until then. @type {boolean | null} */
  let chosen = null;
  /** @type {Scales} */
  let scales = UNDRAWN;
  const picture = canvas(view, 1600, draw);
  const detail = make("div", { class: "pw-detail", "data-hint": say(view, "hint_curve") });
  const key = make("div", { class: "pw-legend" });
  const spoken = announcer(view);
  const title = make("div", { class: "pw-title" });
  const stretch = checkbox(say(view, "stretch"), false, (on) => {
    chosen = on;
    picture.redraw();
  });
  const box = /** @type {HTMLInputElement} */ (stretch.firstChild);
  view.el.append(
    make(
      "section",
      { class: "pw-panel pw-curve", role: "group", "aria-label": sayOf(view, ["curve", "curve_of"]) },
      make("div", { class: "pw-head" }, title, stretch),
      picture.element,
      key,
      detail,
      spoken.element,
    ),
  );
  picture.element.tabIndex = 0;
  picture.element.setAttribute("role", "img");

  const drawnAt = inMotion(view, () => model.get("sparsity"), picture.redraw);
  const lines = () => model.get("series");
  /** Lines of one method, its seeds, look alike. @param {Line} line */
  const methodOf = ({ name, method }) => method ?? name;
  const methods = () => [...new Set(lines().map(methodOf))];
  /** Of its own accord the axis stretches where there would be no room between the points. */
  const stretched = () => {
    const pruned = sorted().filter((p) => p.sparsity > 0);
    return chosen ?? (pruned.length > 0 && pruned[0].sparsity >= CROWDED);
  };
  const sorted = () =>
    lines()
      .flatMap(({ points }) => points)
      .sort((a, b) => a.sparsity - b.sparsity);

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height @param {Colours} colours */
  function draw(context, width, height, colours) {
    const all = sorted();
    const now = drawnAt("sparsity");
    const most = Math.max(0.9, ...all.map((p) => p.sparsity).filter((s) => s < 1), now < 1 ? now : 0);
    const { share } = measureOf(view);
    const values = all.map((p) => p.low ?? p.accuracy);
    if (!share) values.push(...accuraciesNow());
    const axes = drawAccuracyAxes(view, context, [width, height], colours, { stretched: stretched(), most, ...valueRange(values, share) });
    const { plot } = axes;
    scales = axes.scales;
    const named = methods();
    for (const line of lines()) {
      const i = named.indexOf(methodOf(line));
      const colour = colours.lines[i % colours.lines.length];
      const inOrder = [...line.points].sort((a, b) => a.sparsity - b.sparsity);
      drawBand(context, scales, inOrder, colour);
      context.strokeStyle = context.fillStyle = colour;
      context.lineWidth = named.length < lines().length ? 1.4 : 2;
      context.setLineDash(DASHES[i % DASHES.length]);
      context.beginPath();
      for (const p of inOrder) context.lineTo(scales.x(p.sparsity), scales.y(p.accuracy)); // the first one starts the line
      context.stroke();
      context.setLineDash([]);
      for (const p of inOrder) drawMark(context, i, scales.x(p.sparsity), scales.y(p.accuracy));
    }
    drawCurrent(context, colours, plot, now);
    if (!all.length && !accuraciesNow().length && view.currentAccuracy?.() === undefined) {
      context.fillStyle = colours.soft;
      context.textAlign = "center";
      context.fillText(say(view, "no_points"), (plot.left + plot.right) / 2, (plot.top + plot.bottom) / 2);
    }
  }

  /**
   * Draws the current sparsity: a dashed guide from a hollow handle, which is no data. What a lab measured there is a filled
   * diamond; a point of a curve gets a ring around it.
   * @param {CanvasRenderingContext2D} context @param {Colours} colours @param {Plot} plot @param {number} now where it is drawn
   */
  function drawCurrent(context, colours, plot, now) {
    const x = scales.x(now);
    context.strokeStyle = colours.mark;
    context.lineWidth = 1.5;
    context.setLineDash([4, 3]);
    context.beginPath();
    context.moveTo(x, plot.top + 2);
    context.lineTo(x, plot.bottom);
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = colours.panel;
    context.beginPath();
    context.moveTo(x, plot.top + 4);
    context.lineTo(x - 5, plot.top - 5);
    context.lineTo(x + 5, plot.top - 5);
    context.closePath();
    context.fill();
    context.stroke();
    // Only where something was measured: no accuracy is drawn that was not measured, nor on its way there.
    if (now !== model.get("sparsity")) return;
    for (const accuracy of accuraciesNow()) {
      const y = scales.y(accuracy);
      context.beginPath();
      if (view.currentAccuracy) {
        diamond(context, x, y, 7);
        context.fillStyle = colours.mark;
        context.fill();
      } else {
        context.arc(x, y, 7.5, 0, 2 * Math.PI);
        context.lineWidth = 2;
        context.stroke();
      }
    }
  }

  /** Accuracies at the current sparsity: a lab has one, a standalone curve those of its points. */
  function accuraciesNow() {
    const measured = view.currentAccuracy?.();
    if (measured !== undefined) return measured === null ? [] : [measured];
    const now = model.get("sparsity");
    return sorted()
      .filter((p) => Math.abs(p.sparsity - now) < 1e-9)
      .map((p) => p.accuracy);
  }

  /** @param {Point} p */
  function pointText(p) {
    const values = { sparsity: percent(view, p.sparsity), accuracy: valueText(view, p.accuracy) };
    if (p.low == null) return sayOf(view, ["point_bare", "point_bare_of"], values);
    return say(view, "point", { ...values, low: percent(view, p.low), high: percent(view, p.high ?? p.low) });
  }

  /** Text for all lines at the position of a point, each with its name. @param {Point} point */
  function columnText(point) {
    if (lines().length < 2) return pointText(point);
    return lines()
      .flatMap(({ name, points }) => {
        const near = points.find((p) => Math.abs(scales.x(p.sparsity) - scales.x(point.sparsity)) < 6);
        return near ? [say(view, "point_of", { line: name, point: pointText(near) })] : [];
      })
      .join("; ");
  }

  /** The point that stands nearest to a sparsity. @param {number} sparsity */
  const nearest = (sparsity) => least(sorted(), (p) => Math.abs(scales.x(p.sparsity) - scales.x(sparsity)));
  /** @param {MouseEvent} event */
  const across = (event) => scales.sparsity(event.clientX - picture.element.getBoundingClientRect().left);
  picture.element.addEventListener("pointermove", (event) => {
    const p = nearest(across(event));
    if (p) write(detail, columnText(p));
  });
  picture.element.addEventListener("click", (event) => {
    const at = across(event);
    const p = nearest(at);
    // A click near a measured point means that point.
    pick(p && Math.abs(scales.x(p.sparsity) - scales.x(at)) < 10 ? p.sparsity : at);
  });
  onKeys(view, picture.element, (event) => {
    const by = BY_KEY[plainKey(event)];
    const points = sorted();
    if (!by || !points.length) return;
    event.preventDefault();
    const now = model.get("sparsity");
    const beside = () => (by > 0 ? points.find((p) => p.sparsity > now + 1e-9) : points.findLast((p) => p.sparsity < now - 1e-9));
    const next = Number.isFinite(by) ? beside() : points.at(by > 0 ? -1 : 0);
    if (!next) return;
    pick(next.sparsity);
    const text = columnText(next);
    detail.textContent = text;
    spoken.speak(text);
  });

  watch(view, ["series", "measure"], () => {
    const text = sayOf(view, ["curve", "curve_of"]);
    title.replaceChildren(...(view.currentAccuracy ? [text] : titleParts(view, text))); // a lab says which values are better
    title.closest("section")?.setAttribute("aria-label", text);
    key.replaceChildren(
      ...(methods().length < 2
        ? []
        : methods().map((name, i) => {
            const swatch = make("span", { class: "pw-swatch", "aria-hidden": "true" }, MARKS[i % MARKS.length]);
            swatch.style.color = `var(--pw-line-${(i % 6) + 1})`;
            return make("span", {}, swatch, name);
          })),
    );
    const points = lines().flatMap(({ name, points }) =>
      points.map((p) => (lines().length < 2 ? pointText(p) : say(view, "point_of", { line: name, point: pointText(p) }))),
    );
    picture.element.setAttribute("aria-label", `${title.textContent}. ${points.join("; ")}`);
    box.checked = stretched();
    picture.redraw();
  });
  watch(view, ["sparsity"], picture.redraw);
  return { redraw: picture.redraw, stretch };
}

/** The point with the least value, the first of several; undefined without a finite one. @param {Point[]} points @param {(p: Point) => number} value */
function least(points, value) {
  let [found, lowest] = [/** @type {Point | undefined} */ (undefined), Infinity];
  for (const p of points) if (value(p) < lowest) [found, lowest] = [p, value(p)];
  return found;
}
