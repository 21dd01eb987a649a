// A kernel that is busy or gone does not answer; the user learns of it instead of waiting for nothing.
import { watch } from "./watch.js";
/** @import { TraitName, View } from "../types.js" */

const PATIENCE = 4000; // milliseconds

/**
 * Calls `report(true)` if none of these traits changes for a while after a request, `report(false)` on a request or a change.
 * @param {View} view @param {TraitName[]} names @param {(unanswered: boolean) => void} report
 */
export function reportNoAnswer(view, names, report) {
  let timer = 0;
  view.signal.addEventListener("abort", () => clearTimeout(timer));
  view.shared.onRequest = () => {
    clearTimeout(timer);
    report(false);
    timer = setTimeout(() => report(true), PATIENCE);
  };
  watch(view, names, () => {
    clearTimeout(timer);
    report(false);
  });
}
