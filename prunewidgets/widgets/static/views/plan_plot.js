// The curve of a plan: the accuracy, or another metric, of each measured choice against what it takes, and the budget as a line to drag.
import { valueAxis } from "../page/accuracy_axes.js";
import { drawAxes, margins } from "../page/axes.js";
import { canvas } from "../page/canvas.js";
import { make } from "../page/elements.js";
import { onPress } from "../page/press.js";
import { measureOf, sayOf, titleParts, valueText } from "../page/measure.js";
import { say } from "../page/text.js";
import { budgetAt, logTicks, shareOf } from "../numbers/plan_budget.js";
import { valueRange } from "../numbers/value_range.js";
import { amount, inUnit, UNIT_SIZES } from "./plan_text.js";
/** @import { Colours, PlanTraits, Plot, View } from "../types.js" */

/** @param {View<PlanTraits>} view @param {{change: (budget: number) => void, chosen: () => number}} parts */
export function mountPlanPlot(view, { change, chosen }) {
  const { model } = view;
  const title = sayOf(view, ["plan_curve", "plan_curve_of"]);
  const picture = canvas(view, 2000, draw);
  picture.element.setAttribute("role", "img");
  const element = make(
    "section",
    { class: "pw-panel pw-plan-curve", role: "group", "aria-label": title },
    make("div", { class: "pw-title" }, ...titleParts(view, title)),
    picture.element,
    make("div", { class: "pw-detail", "data-hint": say(view, "plan_hint") }),
  );
  /** Without an extent until the first drawing. @type {Plot} */
  let plot = { left: 0, right: 0, top: 0, bottom: 0 };
  const points = () => model.get("plan_points");
  const [least, most] = [() => points()[0].cost, () => points()[points().length - 1].cost];
  /** @param {number} cost */
  const x = (cost) => plot.left + shareOf(cost, least(), most()) * (plot.right - plot.left);

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height @param {Colours} colours */
  function draw(context, width, height, colours) {
    if (!points().length) return;
    const edge = margins(colours.size);
    const unit = model.get("plan_unit");
    const values = points().map(({ accuracy, low }) => low ?? accuracy);
    const up = valueAxis(view, context, colours, height, valueRange(values, measureOf(view).share));
    plot = { left: up.left, right: width - edge.right, top: edge.top, bottom: height - edge.bottom };
    const y = up.axis.at;
    const size = UNIT_SIZES[unit];
    drawAxes(context, colours, plot, {
      x: {
        low: least(),
        high: most(),
        at: (shown) => x(shown * size),
        name: say(view, `plan_axis_${unit}`),
        ticks: logTicks(least() / size, most() / size, (plot.right - plot.left) / (4.3 * colours.size)),
        text: (shown) => inUnit(view, shown * size, unit),
      },
      y: up.axis,
    });
    context.fillStyle = colours.kept;
    context.globalAlpha = 0.18;
    context.beginPath();
    for (const { cost, accuracy, high } of points()) context.lineTo(x(cost), y(high ?? accuracy));
    for (const { cost, accuracy, low } of [...points()].reverse()) context.lineTo(x(cost), y(low ?? accuracy));
    context.fill();
    context.globalAlpha = 1;
    context.strokeStyle = colours.kept;
    context.lineWidth = 2;
    context.beginPath();
    for (const { cost, accuracy } of points()) context.lineTo(x(cost), y(accuracy));
    context.stroke();
    context.fillStyle = colours.kept;
    for (const { cost, accuracy } of points()) dot(context, x(cost), y(accuracy), 3);
    const at = x(model.get("budget"));
    context.strokeStyle = colours.pruned;
    context.setLineDash([5, 4]);
    context.beginPath();
    context.moveTo(at, plot.top);
    context.lineTo(at, plot.bottom);
    context.stroke();
    context.setLineDash([]);
    const now = points()[chosen()];
    context.fillStyle = colours.mark;
    dot(context, x(now.cost), y(now.accuracy), 6.5);
    context.strokeStyle = colours.panel;
    context.stroke();
  }

  /** @param {CanvasRenderingContext2D} context @param {number} left @param {number} top @param {number} radius */
  function dot(context, left, top, radius) {
    context.beginPath();
    context.arc(left, top, radius, 0, 2 * Math.PI);
    context.fill();
  }

  /** @param {PointerEvent} event */
  function follow(event) {
    const px = event.clientX - picture.element.getBoundingClientRect().left;
    if (plot.right > plot.left) change(budgetAt((px - plot.left) / (plot.right - plot.left), least(), most()));
  }
  let dragged = false;
  onPress(picture.element, (event) => {
    if (event.button !== 0) return;
    dragged = true;
    picture.element.setPointerCapture(event.pointerId);
    follow(event);
  });
  picture.element.addEventListener("pointermove", (event) => {
    if (dragged) follow(event);
  });
  for (const kind of /** @type {const} */ (["pointerup", "pointercancel"])) {
    picture.element.addEventListener(kind, () => {
      dragged = false;
    });
  }

  return {
    element,
    show() {
      const [first, last] = [points()[0], points()[points().length - 1]];
      const [unit, n] = [model.get("plan_unit"), points().length];
      const ends = { first: valueText(view, first.accuracy), last: valueText(view, last.accuracy) };
      const sentence = say(view, "plan_curve_spoken", { n, ...ends, least: amount(view, first.cost, unit), most: amount(view, last.cost, unit) });
      picture.element.setAttribute("aria-label", `${title}. ${sentence}`);
      picture.redraw();
    },
  };
}
