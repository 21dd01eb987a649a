// What was measured, always with its state: measured, being measured or stale; and the layers with no weights left.
import { make } from "../page/elements.js";
import { steady } from "../page/steady.js";
import { grouped, percent, say } from "../page/text.js";
import { betterText, measureOf, valueText } from "../page/measure.js";
import { watch } from "../page/watch.js";
import { reportNoAnswer } from "../page/no_answer.js";
/** @import { LabTraits, Layer, State, View } from "../types.js" */

const NAMED = 2; // most layers that are named as emptied

/**
 * Builds the row of the accuracy.
 * @param {View<LabTraits>} view
 * @param {(measured: Partial<State>) => string} staleBecause see `whyStale`
 * @param {{redraw: () => void}} curve
 */
export function mountAccuracy(view, staleBecause, curve) {
  const { model } = view;
  const value = steady("pw-accuracy");
  const sure = steady("");
  const chip = make("span", { class: "pw-state" });
  const state = steady("pw-state-room", chip);
  const unpruned = steady("");
  const better = make("span", { class: "pw-better" }, betterText(view));
  const { name, share } = measureOf(view);
  view.el.append(
    make(
      "div",
      { class: "pw-accuracy-row", "aria-live": "polite" },
      make("div", { class: "pw-pair" }, make("span", { class: "pw-measure", title: name }, name || say(view, "accuracy")), value.element),
      make("div", { class: "pw-facts" }, state.element, make("div", { class: "pw-row pw-soft" }, better, sure.element, unpruned.element)),
    ),
  );
  let silent = false; // the kernel was asked and has not answered for a while

  function show() {
    const { accuracy, low, high, n } = model.get("measured");
    const { kernelGone } = view.shared;
    const [measuring, what, base, examples] = [model.get("measuring") && !kernelGone, model.get("data"), model.get("unpruned"), model.get("examples")];
    const stale = n ? staleBecause(model.get("measured")) : "unmeasured";
    value.write(n && accuracy !== undefined ? valueText(view, accuracy) : "–");
    const interval = low == null || high == null ? {} : { low: percent(view, low).replace(" %", ""), high: percent(view, high) };
    sure.write(n ? say(view, low == null ? "examples" : "interval", { ...interval, n: grouped(view, n), what }) : "");
    unpruned.write(base == null ? "" : say(view, "unpruned", { accuracy: valueText(view, base) }));
    const whole = share ? percent(view, 1) : valueText(view, -0.88888);
    value.reserve(whole);
    if (name) sure.reserve(say(view, "examples", { n: grouped(view, examples), what }));
    else sure.reserve(say(view, "interval", { low: whole.replace(" %", ""), high: whole, n: grouped(view, examples), what }));
    unpruned.reserve(say(view, "unpruned", { accuracy: whole }));
    const measured = model.get("in_page") === "fixed" ? "measured_in_python" : "measured";
    // The longest; a saved page waits for no kernel.
    state.reserve(model.get("in_page") ? say(view, "refining", { n: grouped(view, examples), of: grouped(view, examples) }) : say(view, "no_answer"));
    if (n && !stale && measuring && n < examples) showState("refining");
    else if (n && !stale) showState("measured", measured);
    else if (measuring) showState("measuring");
    else if (model.get("cancelled")) showState("cancelled");
    else if (!n) showState("unmeasured");
    else showState("stale", stale === "weights" ? "stale_weights" : "stale");
    if (silent && stale && !kernelGone) showState("no_answer");
    curve.redraw();
  }
  /** @param {string} key @param {string} words the key of its words */
  function showState(key, words = key) {
    state.write(say(view, words, { n: grouped(view, model.get("measured").n ?? 0), of: grouped(view, model.get("examples")) }));
    chip.dataset.state = key;
  }
  reportNoAnswer(view, ["measured", "measuring", "cancelled", "working", "applied", "generation", "error", "reading"], (now) => {
    silent = now;
    view.shared.onNoAnswer(now);
    if (now) show();
  });
  watch(
    view,
    ["measured", "measuring", "cancelled", "threshold", "thresholds", "scope", "criterion", "generation", "unpruned", "examples", "data", "in_page"],
    show,
  );
}

/** Builds the line of the layers with no weights left. @param {View} view @param {() => Layer[]} all @param {(layer: Layer) => boolean} isEmpty */
export function mountEmptied(view, all, isEmpty) {
  const line = steady("pw-soft pw-emptied");
  line.element.setAttribute("aria-live", "polite");
  view.el.append(line.element);
  /** @param {string[]} names */
  const sentence = (names) => {
    if (!names.length) return "";
    if (names.length <= NAMED) return say(view, "emptied", { layers: names.join(", ") });
    return say(view, "emptied_more", { layers: names.slice(0, NAMED).join(", "), n: names.length - NAMED });
  };
  watch(view, ["threshold", "thresholds", "scope", "criterion", "generation"], () => {
    line.write(
      sentence(
        all()
          .filter(isEmpty)
          .map(({ name }) => name),
      ),
    );
    line.reserve(
      sentence(
        all()
          .map(({ name }) => name)
          .sort((a, b) => b.length - a.length),
      ),
    );
  });
}
