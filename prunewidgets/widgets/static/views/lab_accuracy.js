// What was measured, always with its state: measured, being measured or stale; and the layers with no weights left.
import { make, write } from "../page/elements.js";
import { grouped, percent, say } from "../page/text.js";
import { watch } from "../page/watch.js";
import { reportNoAnswer } from "../page/no_answer.js";
/** @import { LabTraits, Layer, State, View } from "../types.js" */

/**
 * Builds the row of the accuracy.
 * @param {View<LabTraits>} view
 * @param {(measured: Partial<State>) => string} staleBecause see `whyStale`
 * @param {{redraw: () => void}} curve
 */
export function mountAccuracy(view, staleBecause, curve) {
  const { model } = view;
  const value = make("span", { class: "pw-accuracy" });
  const sure = make("span");
  const state = make("span", { class: "pw-state" });
  const unpruned = make("span", { class: "pw-soft" });
  view.el.append(make("div", { class: "pw-row pw-accuracy-row", "aria-live": "polite" }, say(view, "accuracy"), value, sure, state, unpruned));
  let silent = false; // the kernel was asked and has not answered for a while

  function show() {
    const { accuracy, low, high, n } = model.get("measured");
    const [measuring, what, base] = [model.get("measuring"), model.get("data"), model.get("unpruned")];
    const stale = n ? staleBecause(model.get("measured")) : "unmeasured";
    write(value, n && accuracy !== undefined ? percent(view, accuracy) : "–");
    const interval = low == null || high == null ? {} : { low: percent(view, low).replace(" %", ""), high: percent(view, high) };
    write(sure, n ? say(view, low == null ? "examples" : "interval", { ...interval, n: grouped(view, n), what }) : "");
    write(unpruned, base == null ? "" : say(view, "unpruned", { accuracy: percent(view, base) }));
    if (n && !stale) showState(measuring && n < model.get("examples") ? "refining" : "measured");
    else if (measuring) showState("measuring");
    else if (model.get("cancelled")) showState("cancelled");
    else if (!n) showState("unmeasured");
    else showState("stale", stale === "weights" ? "stale_weights" : "stale");
    if (silent && stale) showState("no_answer");
    curve.redraw();
  }
  /** @param {string} key @param {string} words the key of its words */
  function showState(key, words = key) {
    write(state, say(view, words, { n: grouped(view, model.get("measured").n ?? 0), of: grouped(view, model.get("examples")) }));
    state.dataset.state = key;
  }
  reportNoAnswer(view, ["measured", "measuring", "cancelled", "working", "applied", "generation", "error", "reading"], (now) => {
    silent = now;
    view.shared.onNoAnswer(now);
    if (now) show();
  });
  watch(view, ["measured", "measuring", "cancelled", "threshold", "thresholds", "scope", "criterion", "generation", "unpruned"], show);
}

/** Builds the line of the layers with no weights left. @param {View} view @param {() => Layer[]} emptied */
export function mountEmptied(view, emptied) {
  const line = make("div", { class: "pw-soft pw-emptied", "aria-live": "polite" });
  view.el.append(line);
  watch(view, ["threshold", "thresholds", "scope", "criterion", "generation"], () => {
    const names = emptied()
      .map(({ name }) => name)
      .join(", ");
    write(line, names && say(view, "emptied", { layers: names }));
  });
}
