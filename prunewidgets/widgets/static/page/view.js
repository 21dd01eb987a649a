// A view as its parts see it: a model, an element and what they share, from the first drawing until the view is closed.
import { checkedModel } from "./checked_model.js";
import { make } from "./elements.js";
import { keepKeys } from "./keys.js";
import { commit, followLinked, ignoreLateAnswers } from "./moving.js";
import { followTheme } from "./theme.js";
import { watch } from "./watch.js";

/**
 * What a view works with.
 * @typedef {object} View
 * @property {any} model the AFM model: get, set, on, save_changes, send
 * @property {HTMLElement} el where this part of the view goes
 * @property {HTMLElement} root the whole view
 * @property {AbortSignal} signal ends with the view
 * @property {Shared} shared
 * @property {string} [source] identifies this view to the views linked to it
 * @property {(threshold: number) => number} [sparsityAt] the sparsity of all that the view counts, at a threshold
 * @property {() => number | null} [currentAccuracy] the accuracy measured at the current setting, if any
 */

/**
 * What a view and its parts share.
 * @typedef {object} Shared
 * @property {boolean} dragging whether the user is dragging
 * @property {number} committing the timer of a change not yet sent to the kernel, or 0
 * @property {() => void} onRequest called after a request to the kernel
 * @property {(unanswered: boolean) => void} [onNoAnswer] called with true when the kernel does not answer, with false when it does again
 * @property {Record<string, any>} colours of this theme, once they have been read
 * @property {(() => void)[]} redraws
 * @property {Map<EventTarget, ((event: KeyboardEvent) => void)[]>} keys what handles the keys pressed in an element
 */

/** Wraps AFM's render arguments; `mount` fills the element. @param {(view: View) => void} mount */
export function renderer(mount) {
  return ({ model, el, signal }) => {
    const controller = new AbortController();
    signal?.addEventListener("abort", () => controller.abort());
    // The parts of a lab are views made from this one; what may change is in `shared`, once for all of them.
    const view = {
      model: checkedModel(model, controller.signal),
      el,
      root: el,
      signal: controller.signal,
      shared: { dragging: false, committing: 0, onRequest: null, colours: null, redraws: [], keys: new Map() },
    };
    // A change still waiting for its pause is sent before the view closes.
    view.signal.addEventListener("abort", () => {
      if (view.shared.committing) commit(view);
    });
    el.classList.add("pw-view");
    followTheme(view);
    followLinked(view);
    ignoreLateAnswers(view);
    mount(view);
    keepKeys(view);
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
