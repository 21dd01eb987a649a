// A plan: a budget to drag. Layers answer with what they keep, and the curve with the accuracy to expect.
import { renderer } from "../page/view.js";
import { announcer, make, write } from "../page/elements.js";
import { entry } from "../page/entry.js";
import { betterText, sayOf, valueText } from "../page/measure.js";
import { commit } from "../page/moving.js";
import { grouped, percent, say } from "../page/text.js";
import { watch } from "../page/watch.js";
import { STEPS, budgetAt, chosenAt, shareOf } from "../numbers/plan_budget.js";
import { mountPlanPlot } from "./plan_plot.js";
import { amount, inUnit, UNIT_SIZES } from "./plan_text.js";
/** @import { PlanTraits, View } from "../types.js" */

const PAUSE = 250; // milliseconds after which the kernel is informed of a drag

export const plan = renderer((/** @type {View<PlanTraits>} */ view) => {
  const { model, el } = view;
  const points = () => model.get("plan_points");
  const unit = () => model.get("plan_unit");
  const [least, most] = [() => points()[0].cost, () => points()[points().length - 1].cost];

  /** @param {number} budget @param {number} pause */
  function change(budget, pause) {
    model.set("budget", Math.min(Math.max(budget, least()), most()));
    commit(view, pause);
  }

  const note = make("div", { class: "pw-note" });
  const spoken = announcer(view);
  const field = entry(view, {
    name: "budget",
    key: "plan_budget",
    bad: "bad_budget",
    unit: say(view, `plan_unit_${unit()}`),
    times: 1 / UNIT_SIZES[unit()],
    allowed: () => [least(), most()],
    text: (shown) => inUnit(view, shown * UNIT_SIZES[unit()], unit()).replaceAll(",", ""),
    change,
    refuse: (text) => {
      write(note, text);
      if (text) spoken.speak(text);
    },
  });
  const range = make("input", { type: "range", class: "pw-range", min: 0, max: STEPS, step: 1, "aria-label": say(view, "plan_budget") });
  range.addEventListener("input", () => change(budgetAt(Number(range.value) / STEPS, least(), most()), PAUSE));
  const number = make("span", { class: "pw-accuracy" });
  const interval = make("span", { class: "pw-soft" });
  const takes = make("p", { class: "pw-explained pw-plan-takes" });
  const rows = make("div", { class: "pw-plan-rows" });
  const plot = mountPlanPlot(view, { change: (budget) => change(budget, PAUSE), chosen });
  el.append(
    make("div", { class: "pw-head" }, make("span", { class: "pw-title" }, say(view, "plan")), field.element),
    range,
    make("div", { class: "pw-row pw-plan-accuracy" }, number, make("span", {}, sayOf(view, ["plan_expected", "plan_expected_of"])), interval),
    takes,
    note,
    make(
      "div",
      { class: "pw-plan-panels" },
      make(
        "section",
        { class: "pw-panel pw-plan-layers", role: "group", "aria-label": say(view, "plan_layers") },
        make("div", { class: "pw-title" }, say(view, model.get("plan_structured") ? "plan_layers_units" : "plan_layers")),
        rows,
      ),
      plot.element,
    ),
    spoken.element,
  );

  function chosen() {
    return chosenAt(points(), model.get("budget"));
  }

  /** One row for each layer: its name, a bar for the share that stays, and how many that are. */
  const made = model.get("plan_layers").map(({ name }) => {
    const [bar, kept, share] = [
      make("div", { class: "pw-plan-bar" }),
      make("span", { class: "pw-plan-kept" }),
      make("span", { class: "pw-plan-share pw-soft" }),
    ];
    const track = make("div", { class: "pw-plan-track", "aria-hidden": "true" }, bar);
    rows.append(make("div", { class: "pw-plan-row" }, make("span", { class: "pw-plan-name", title: name }, name), kept, share, track));
    return { bar, kept, share };
  });

  let first = true;
  watch(view, ["budget", "plan_points"], () => {
    if (!points().length) return;
    const budget = model.get("budget");
    const point = points()[chosen()];
    const whole = points()[points().length - 1];
    range.value = String(Math.round(STEPS * shareOf(budget, least(), most())));
    range.setAttribute("aria-valuetext", amount(view, budget, unit()));
    field.show(budget);
    const [accuracy, unpruned] = [point, whole].map((one) => valueText(view, one.accuracy));
    const ends = point.low === null || point.high === null ? null : { low: percent(view, point.low), high: percent(view, point.high) };
    write(number, accuracy);
    write(
      interval,
      ends ? say(view, "plan_interval", { ...ends, unpruned }) : [betterText(view), say(view, "plan_unpruned", { unpruned })].filter(Boolean).join(", "),
    );
    const said = { budget: amount(view, budget, unit()), takes: amount(view, point.cost, unit()), share: percent(view, point.cost / whole.cost, 1) };
    write(takes, say(view, "plan_takes", said));
    const layers = model.get("plan_layers").map(({ name, size }, i) => {
      const kept = point.kept[i];
      made[i].bar.style.width = `${(100 * kept) / size}%`;
      write(made[i].kept, say(view, "plan_kept", { kept: grouped(view, kept), size: grouped(view, size) }));
      write(made[i].share, percent(view, kept / size, 1));
      return say(view, "plan_layer_spoken", { layer: name, kept: grouped(view, kept), size: grouped(view, size) });
    });
    if (!first) spoken.speak(sayOf(view, ["plan_spoken", "plan_spoken_of"], { ...said, accuracy, layers: layers.join("; ") }));
    first = false;
    plot.show();
  });
});
