// A view from its first drawing until it is closed; what its parts share is made here.
import { checkedModel } from "./checked_model.js";
import { make } from "./elements.js";
import { loadFont } from "./font.js";
import { followHighlights } from "./highlight.js";
import { followKernel } from "./kernel.js";
import { handleKeys } from "./keys.js";
import { followJumps } from "./motion.js";
import { commit, followLinked, ignoreLateAnswers } from "./moving.js";
import { followTheme } from "./theme.js";
import { watch } from "./watch.js";
/** @import { HostModel, Render, View, ViewTraits } from "../types.js" */

/**
 * Makes AFM's `render` of a function that fills the view's element.
 * @template {ViewTraits} Traits
 * @param {(view: View<Traits>, host: HostModel) => void} mount gets the host's own model too
 * @returns {Render}
 */
export function renderer(mount) {
  return async ({ model, el, signal }) => {
    await loadFont(); // before the first drawing: nothing moves when it arrives
    if (signal?.aborted) return () => {};
    const controller = new AbortController();
    signal?.addEventListener("abort", () => controller.abort());
    /** @type {View<Traits>} */
    const view = {
      model: checkedModel(model, controller.signal),
      el,
      root: el,
      signal: controller.signal,
      id: crypto.randomUUID?.() ?? String(Math.random()),
      sparsityAt: () => view.model.get("sparsity"),
      // The parts of a lab are views made from this one; what may change is in `shared`, once for all of them.
      shared: {
        dragging: false,
        committing: 0,
        motion: { jumps: 0, start: -Infinity },
        onRequest: () => {},
        kernelGone: false,
        onKernelGone: [],
        onNoAnswer: () => {},
        colours: null,
        redraws: [],
        keys: new Map(),
        mark: null,
        marking: [],
      },
    };
    // A change still waiting for its pause is sent before the view closes.
    view.signal.addEventListener("abort", () => {
      if (view.shared.committing) commit(view);
    });
    el.classList.add("pw-view");
    followTheme(view);
    followLinked(view);
    followHighlights(view);
    followJumps(view);
    ignoreLateAnswers(view);
    mount(view, model);
    followKernel(view, model);
    handleKeys(view);
    showError(view);
    return () => controller.abort();
  };
}

/** The error line at the foot of each view. @param {View} view */
function showError(view) {
  const line = make("div", { class: "pw-error", role: "alert" });
  view.el.append(line);
  watch(view, ["error"], () => {
    line.textContent = view.model.get("error") ?? "";
  });
}
