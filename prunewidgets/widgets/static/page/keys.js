// The keys that a view handles itself. Jupyter moves between cells on arrow keys and runs the cell on Shift+Enter: a
// key that the view uses must not reach it, and every other key must. JupyterLab listens at the document on the way up,
// Notebook 7 on the way down, before any element sees the key. So each view handles its keys at the window, on the way
// down, which is earlier than both.
/** @import { View } from "../types.js" */

const TRAVEL = ["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];
const EDITING = ["a", "c", "v", "x", "y", "z", ...TRAVEL, "Backspace", "Delete"]; // with Ctrl in a text field

/**
 * Calls `handle` for keys pressed in an element or inside it; it prevents the default of those that it uses.
 * @param {View} view @param {HTMLElement} element @param {(event: KeyboardEvent) => void} handle
 */
export function onKeys(view, element, handle) {
  const { keys } = view.shared;
  keys.set(element, [...(keys.get(element) ?? []), handle]);
}

/** Handles the keys pressed in a view, and keeps those from the page that the view or the focused element uses. @param {View} view */
export function handleKeys(view) {
  const { keys } = view.shared;
  /** @param {KeyboardEvent} event */
  const handle = (event) => {
    const path = event.composedPath(); // from the focused element outwards
    const outside = path.indexOf(view.root) + 1;
    if (!outside) return;
    for (const element of path.slice(0, outside)) for (const each of keys.get(element) ?? []) each(event);
    const [focused] = path;
    if (event.defaultPrevented || (focused instanceof Element && usedByElement(event, focused))) event.stopPropagation();
    else if (plainKey(event) === "Escape") leave(path.slice(outside));
  };
  window.addEventListener("keydown", handle, { capture: true, signal: view.signal });
}

/**
 * Gives the focus to what holds the view, as a notebook's cell does: Tab would go far beyond it, and Shift+Enter would
 * run its cell again. @param {EventTarget[]} around
 */
function leave(around) {
  const holder = around.find((each) => each instanceof HTMLElement && each.hasAttribute("tabindex"));
  if (holder instanceof HTMLElement) holder.focus();
}

/** Whether the browser itself handles a key in the focused element. @param {KeyboardEvent} event @param {Element} focused */
function usedByElement(event, focused) {
  const { key } = event;
  const control = event.ctrlKey || event.metaKey;
  const plain = !control && !event.altKey;
  if (focused.matches("input[type=text]")) {
    if (control && !event.altKey) return EDITING.includes(key.length === 1 ? key.toLowerCase() : key);
    // Alt alone, and Ctrl with Alt on Windows, types letters.
    return key.length === 1 || (plain && (TRAVEL.includes(key) || ["Backspace", "Delete", "Escape"].includes(key) || (key === "Enter" && !event.shiftKey)));
  }
  if (focused.matches("select"))
    return !control && (key.length === 1 || TRAVEL.includes(key) || (["Enter", "Escape"].includes(key) && plain && !event.shiftKey));
  if (focused.matches("input[type=range], input[type=radio]")) return plain && (TRAVEL.includes(key) || key === " ");
  if (focused.matches("input[type=checkbox]")) return plain && key === " ";
  return focused.matches("button, summary") && plain && !event.shiftKey && (key === " " || key === "Enter");
}

/** The key, or "" with Ctrl, Alt or Meta: views leave those combinations alone. @param {KeyboardEvent} event */
export const plainKey = (event) => (event.ctrlKey || event.altKey || event.metaKey ? "" : event.key);

/** @type {Record<string, number>} */
const ARROWS = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };

/** 1 for an arrow key that increases a value, -1 for one that decreases it, else 0. @param {KeyboardEvent} event */
export const arrowOf = (event) => ARROWS[plainKey(event)] ?? 0;
