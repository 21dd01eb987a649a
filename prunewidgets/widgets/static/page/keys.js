// The keys that a view handles itself. JupyterLab moves between cells on arrow keys and runs the cell on Shift+Enter:
// a key that the view uses stops there, and every other key reaches JupyterLab.
/** @import { View } from "./page.js" */

const TRAVEL = ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];
const EDITING = ["a", "c", "v", "x", "y", "z", ...TRAVEL, "Backspace", "Delete"]; // with Ctrl in a text field

/** Stops keys from propagating that the view has handled (`defaultPrevented`) or that the focused element handles. @param {View} view */
export function keepKeys(view) {
  view.root.addEventListener(
    "keydown",
    (event) => {
      if (event.defaultPrevented || usedByElement(event)) event.stopPropagation();
    },
    { signal: view.signal },
  );
}

/** Whether the browser itself handles a key in the focused element. */
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
