// The lab: one live model, its weights, its measured accuracy. Its parts are those of the single views.
import { renderer } from "../page/view.js";
import { make } from "../page/elements.js";
import { grouped, say } from "../page/text.js";
import { watch } from "../page/watch.js";
import { moveTo } from "../page/moving.js";
import { Layers } from "../numbers/layers.js";
import { roundHalfEven } from "../numbers/ranking.js";
import { whyStale } from "../numbers/why_stale.js";
import { mountSlider } from "./slider.js";
import { mountHistogram } from "./histogram.js";
import { mountHeatmap } from "./heatmap.js";
import { mountCurve } from "./curve.js";
import { mountAccuracy, mountEmptied } from "./lab_accuracy.js";
import { mountButtons } from "./lab_buttons.js";
import { mountControls } from "./lab_controls.js";
import { mountFlips } from "./lab_flips.js";
import { mountFormula } from "./lab_formula.js";
import { mountHandwriting } from "./lab_handwriting.js";
/** @import { LabTraits, State, View } from "../types.js" */

/** Own properties only, since a layer may be called "constructor". @param {Record<string, number>} thresholds @param {string} name @param {number} other */
const ownOr = (thresholds, name, other) => (Object.hasOwn(thresholds, name) ? thresholds[name] : other);

export const lab = renderer((/** @type {View<LabTraits>} */ view) => {
  const { model, el } = view;
  el.classList.add("pw-lab");
  let layers = Layers.of(model);
  const separate = () => model.get("scope") === "layer";
  /** @param {string} name @returns {number} */
  const thresholdOf = (name) => (separate() ? ownOr(model.get("thresholds"), name, model.get("threshold")) : model.get("threshold"));
  const ranking = () => layers.ranking(separate() ? model.get("layer") : "");
  const removedPerLayer = () => layers.list.map(({ name }) => layers.ranking(name).removed(thresholdOf(name)));
  /** Sparsity of the whole model if the slider were at `threshold`. */
  view.sparsityAt = (threshold) => {
    if (!separate()) return layers.ranking("").sparsity(threshold);
    const removed = layers.list.reduce((sum, { name }) => sum + layers.ranking(name).removed(name === model.get("layer") ? threshold : thresholdOf(name)), 0);
    return removed / layers.total;
  };
  /** Why what was measured in this state is stale. @param {Partial<State>} measured */
  const staleBecause = (measured) => {
    const shown = { generation: model.get("generation"), criterion: model.get("criterion") };
    const thresholds = layers.list.map(({ name }) => thresholdOf(name));
    return whyStale(measured, { ...shown, thresholds, counts: layers.sampled ? null : removedPerLayer() }, layers.sampled);
  };
  view.currentAccuracy = () => (staleBecause(model.get("measured")) && model.get("measured").n ? null : model.get("measured").accuracy);

  const title = make("div", { class: "pw-lab-title" });
  /** A part: the same view with an element of its own. @param {string} classes @returns {View<LabTraits>} */
  const part = (classes) => Object.assign(Object.create(view), { el: make("div", { class: classes }) });
  const head = part("pw-lab-top");
  const [sliding, bars, cells, curving] = ["slider", "histogram", "heatmap", "curve"].map((name) => part(`pw-lab-${name}`));
  // What was measured is right under the slider, so that both are on one screen.
  const [measuredRow, flipped] = ["measured", "flips"].map((name) => part(`pw-lab-${name}`));
  el.append(head.el, sliding.el, measuredRow.el, make("div", { class: "pw-lab-panels" }, bars.el, cells.el, curving.el), flipped.el);
  const settings = mountControls(head, title, () => layers, thresholdOf);
  /** With a threshold per layer, the slider also reports what all layers lose together. */
  const inLayer = (most = false) => {
    if (!separate()) return "";
    const removed = removedPerLayer().reduce((sum, n) => sum + n, 0);
    const [gone, total, kept] = [most ? layers.total : removed, layers.total, layers.total - (most ? 0 : removed)].map((n) => grouped(view, n));
    return say(view, "in_layer", { layer: model.get("layer"), removed: gone, total, kept });
  };
  const slider = mountSlider(sliding, ranking, inLayer);
  mountFormula(sliding, slider.field.reading);
  const histogram = mountHistogram(bars, () => layers, thresholdOf, slider.field);
  const heatmap = mountHeatmap(cells, () => layers, thresholdOf);
  const curve = mountCurve(curving, (sparsity) => {
    slider.field.remember();
    /** @param {string} name */
    const reaching = (name) => layers.ranking(name).thresholdFor(roundHalfEven(sparsity * layers.ranking(name).total));
    if (!separate()) return slider.field.move(reaching(""), 120);
    // The same share from each layer.
    model.set("thresholds", Object.fromEntries(layers.list.map(({ name }) => [name, reaching(name)])));
    slider.field.move(thresholdOf(model.get("layer")), 120);
  });
  settings.append(histogram.log, curve.stretch);
  watch(view, ["generation"], () => {
    layers = Layers.of(model);
    title.textContent = say(view, "lab_title", { model: model.get("title"), total: grouped(view, layers.total) });
    slider.field.recount();
    for (const shown of [slider, histogram, heatmap]) shown.refresh();
  });
  watch(view, ["threshold"], () => {
    if (separate()) model.set("thresholds", { ...model.get("thresholds"), [model.get("layer")]: model.get("threshold") });
  });
  // The text about all layers depends on the other layers' thresholds too.
  watch(view, ["thresholds"], () => slider.field.show());
  watch(view, ["layer", "scope"], () => {
    slider.refresh();
    const threshold = thresholdOf(model.get("layer"));
    moveTo(view, threshold, view.sparsityAt(threshold)); // views linked to this one follow
  });
  // Once the layers exist: these check whether what was measured belongs to the current masks.
  mountAccuracy(measuredRow, staleBecause, curve);
  mountButtons(measuredRow, () => layers.total);
  mountEmptied(
    measuredRow,
    () => layers.list,
    ({ name, size }) => size > 0 && layers.ranking(name).removed(thresholdOf(name)) === size,
  );
  mountFlips(flipped, staleBecause);
  mountHandwriting(flipped, staleBecause, slider.field);
});
