// A kernel that is busy or gone does not answer; tell the user instead of waiting silently.
import { watch } from "./page.js";
/** @import { View } from "./page.js" */

const PATIENCE = 4000; // milliseconds

/** Calls `hear(true)` if none of these traits changes for a while after a request, `hear(false)` on a request or a change. @param {View} view */
export function listen(view, names, hear) {
  let timer = 0;
  view.signal.addEventListener("abort", () => clearTimeout(timer));
  view.shared.asked = () => {
    clearTimeout(timer);
    hear(false);
    timer = setTimeout(() => hear(true), PATIENCE);
  };
  watch(view, names, () => {
    clearTimeout(timer);
    hear(false);
  });
}
