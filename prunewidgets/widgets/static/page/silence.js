// A kernel that is busy or gone gives no sign; say so rather than wait in silence.
import { watch } from "./page.js";
/** @import { View } from "./page.js" */

const PATIENCE = 4000; // milliseconds

/** Calls `hear(true)` when the kernel was asked and none of these traits has changed for a while, then `hear(false)`. @param {View} view */
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
