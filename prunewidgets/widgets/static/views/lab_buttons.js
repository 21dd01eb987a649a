// The lab's buttons, and the progress of what they start.
import { make } from "../page/elements.js";
import { steady } from "../page/steady.js";
import { grouped, say } from "../page/text.js";
import { watch } from "../page/watch.js";
/** @import { LabTraits, View } from "../types.js" */

/** Builds the row of buttons. @param {View<LabTraits>} view @param {() => number} total number of weights */
export function mountButtons(view, total) {
  const { model } = view;
  /** @param {string} key what it asks the kernel to do @param {boolean} strong */
  const button = (key, strong = false) =>
    make(
      "button",
      {
        type: "button",
        class: `pw-button${strong ? " pw-strong" : ""}`,
        click: () => {
          model.send({ do: key });
          view.shared.onRequest();
        },
      },
      say(view, key),
    );
  const [measure, apply, restore, cancel] = [button("measure_curve", true), button("apply"), button("restore"), button("cancel")];
  const bar = make("progress", { class: "pw-progress", max: 1 });
  const words = make("span");
  const status = steady("pw-soft pw-status", make("span", { "aria-live": "polite" }, bar, words));
  view.el.append(make("div", { class: "pw-row pw-buttons" }, measure, apply, restore, cancel, status.element));
  let silent = false;
  function show() {
    const { kernelGone } = view.shared;
    const working = silent ? "" : model.get("working");
    measure.disabled = kernelGone || working !== "";
    apply.disabled = kernelGone;
    restore.disabled = kernelGone || !model.get("restorable");
    cancel.disabled = working === "" && (silent || !model.get("measuring"));
    for (const each of [apply, restore]) each.hidden = model.get("in_page") !== ""; // without a kernel there is no model
    for (const each of [measure, cancel]) each.hidden = model.get("in_page") === "fixed";
    bar.hidden = working === "";
    bar.value = model.get("progress");
    status.reserve(model.get("in_page") ? say(view, "measuring_curve", { done: 10, total: 10 }) : say(view, "applied", { removed: grouped(view, total()) }));
    words.textContent =
      silent && !kernelGone && model.get("working")
        ? say(view, "no_kernel")
        : working || (model.get("restorable") ? say(view, "applied", { removed: grouped(view, model.get("applied")) }) : "");
  }
  view.shared.onNoAnswer = (now) => {
    silent = now;
    show();
  };
  watch(view, ["working", "progress", "applied", "restorable", "measuring", "in_page"], show);
}
