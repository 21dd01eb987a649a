// Which keys a view has for itself. JupyterLab moves between cells on arrow keys and runs the cell on Shift+Enter:
// what a view uses ends there, and all else reaches JupyterLab.
/** @import { View } from "./page.js" */

const TRAVEL = ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];
const EDITING = ["a", "c", "v", "x", "y", "z", ...TRAVEL, "Backspace", "Delete"]; // with Ctrl in a text

/** Keys that the view has handled (they are `defaultPrevented`) or that its element handles go no further. @param {View} view */
export function keepKeys(view) {
  view.root.addEventListener(
    "keydown",
    (event) => {
      if (event.defaultPrevented || usedByElement(event)) event.stopPropagation();
    },
    { signal: view.signal },
  );
}

/** What the browser itself does with a key in the element that has the focus. */
function usedByElement(event) {
  const { key, target } = event;
  const control = event.ctrlKey || event.metaKey;
  const plain = !control && !event.altKey;
  if (target.matches("input[type=text]")) {
    if (control && !event.altKey) return EDITING.includes(key.length === 1 ? key.toLowerCase() : key);
    // Alt alone, and Ctrl with Alt on Windows, types letters.
    return key.length === 1 || (plain && (TRAVEL.includes(key) || ["Backspace", "Delete", "Escape"].includes(key) || (key === "Enter" && !event.shiftKey)));
  }
  if (target.matches("select"))
    return !control && (key.length === 1 || TRAVEL.includes(key) || (["Enter", "Escape"].includes(key) && plain && !event.shiftKey));
  if (target.matches("input[type=range], input[type=radio]")) return plain && (TRAVEL.includes(key) || key === " ");
  if (target.matches("input[type=checkbox]")) return plain && key === " ";
  return target.matches("button") && plain && !event.shiftKey && (key === " " || key === "Enter");
}
