// Work that runs later: when a trait changes, or after a pause. All of it ends with the view.
/** @import { TraitName, View } from "../types.js" */

/**
 * Calls `work` now and whenever one of the named traits changes.
 * @param {View} view @param {TraitName[]} names @param {() => void} work
 */
export function watch(view, names, work) {
  for (const name of names) {
    view.model.on(`change:${name}`, work);
    view.signal.addEventListener("abort", () => view.model.off(`change:${name}`, work));
  }
  work();
}

/**
 * Wraps `work` so that it runs only after a pause (milliseconds) in a run of calls.
 * @template {unknown[]} Given
 * @param {View} view @param {number} pause @param {(...given: Given) => void} work
 * @returns {(...given: Given) => void}
 */
export function afterPause(view, pause, work) {
  let timer = 0;
  view.signal.addEventListener("abort", () => clearTimeout(timer));
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), pause);
  };
}
