// A kernel that is busy or gone does not answer; the user learns of it instead of waiting for nothing.
import { watch } from "./watch.js";
/** @import { TraitName, View } from "../types.js" */

const PATIENCE = 4000; // milliseconds

/**
 * Calls `report(true)` if none of these traits changes for a while after a request, `report(false)` on a request or a change;
 * `report(true)`, for good, once the kernel is known to be gone.
 * @param {View} view @param {TraitName[]} names @param {(unanswered: boolean) => void} report
 */
export function reportNoAnswer(view, names, report) {
  if (view.model.get("in_page")) return report(false); // there is no kernel to wait for
  let timer = 0;
  view.signal.addEventListener("abort", () => clearTimeout(timer));
  const answered = () => {
    clearTimeout(timer);
    report(view.shared.kernelGone);
  };
  view.shared.onRequest = () => {
    answered();
    timer = setTimeout(() => report(true), PATIENCE);
  };
  view.shared.onKernelGone.push(answered);
  watch(view, names, answered);
}
