// Keeps one threshold the same in a view, in the views linked to it and in the kernel, which answers later.
/** @import { View } from "../types.js" */

/** What a view sends to those linked to it. @typedef {{group: string, source: string, threshold: number, byHand: boolean}} Moved `source`: the id of the view that moved */

let changedInPage = false; // whether the current change was made in the page
let dragged = false; // and by a drag, here or in a linked view

/** Views with the same `group` follow each other within the page, without the kernel. @param {View} view */
export function followLinked(view) {
  const { model, signal } = view;
  document.addEventListener(
    "prunewidgets:threshold",
    (event) => {
      const { group, source, threshold, byHand } = /** @type {CustomEvent<Moved>} */ (event).detail;
      if (!group || group !== model.get("group") || source === view.id) return;
      setBoth(view, threshold, view.sparsityAt(threshold), byHand);
    },
    { signal },
  );
}

/** Moves the threshold in this view and in those linked to it; nothing is sent to the kernel yet. @param {View} view @param {number} threshold @param {number} sparsity of this view */
export function moveTo(view, threshold, sparsity) {
  setBoth(view, threshold, sparsity, view.shared.dragging);
  const group = view.model.get("group");
  if (!group) return;
  /** @type {Moved} */
  const detail = { group, source: view.id, threshold, byHand: view.shared.dragging };
  document.dispatchEvent(new CustomEvent("prunewidgets:threshold", { detail }));
}

/** @param {View} view @param {number} threshold @param {number} sparsity @param {boolean} byHand whether a drag set them */
function setBoth(view, threshold, sparsity, byHand) {
  const before = [changedInPage, dragged];
  [changedInPage, dragged] = [true, byHand];
  view.model.set("threshold", threshold);
  view.model.set("sparsity", sparsity);
  [changedInPage, dragged] = before;
}

/** Sends the changes to the kernel, at once or after a pause (milliseconds) in a run of changes. @param {View} view @param {number} pause */
export function commit(view, pause = 0) {
  clearTimeout(view.shared.committing);
  view.shared.committing = 0;
  if (!pause) {
    view.model.save_changes();
    view.shared.onRequest();
  } else view.shared.committing = setTimeout(() => commit(view), pause);
}

/** Whether the current change is under the hand of a user who drags, be it in a linked view or in another display of this one. @param {View} view */
export const byHand = (view) => dragged || view.shared.dragging;

/** Whether the page is ahead of the kernel: the user is dragging the threshold, or a change has not been sent yet. @param {View} view */
export const ahead = (view) => view.shared.dragging || view.shared.committing !== 0;

/** Ignores thresholds from the kernel while the page is ahead: they answer an earlier one. @param {View} view */
export function ignoreLateAnswers(view) {
  const { model } = view;
  // As changed in the page, or as the kernel sent it while the page was not ahead.
  const latest = { threshold: model.get("threshold"), sparsity: model.get("sparsity") };
  for (const name of /** @type {const} */ (["threshold", "sparsity"])) {
    const changed = () => {
      if (changedInPage || !ahead(view)) latest[name] = model.get(name);
      else if (model.get(name) !== latest[name]) setBoth(view, latest.threshold, latest.sparsity, view.shared.dragging);
    };
    model.on(`change:${name}`, changed);
    view.signal.addEventListener("abort", () => model.off(`change:${name}`, changed));
  }
}
