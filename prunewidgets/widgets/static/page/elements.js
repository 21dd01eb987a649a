// The elements that views are built from.
import { onKeys, plainKey } from "./keys.js";
import { afterPause } from "./watch.js";
/** @import { View } from "../types.js" */

/**
 * An element. Text always goes in as text, so that a layer's name can never be markup.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | null | undefined | (() => void)>} attributes attribute values; a function becomes a listener
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * Calls `enter` on Enter, or when the field is left with a changed text. Chromium sometimes sends no `change` on
 * Enter, so the key itself is handled too; `enter` may be called a second time for the same text.
 * @param {View} view @param {HTMLInputElement} field @param {() => void} enter
 */
export function onEntry(view, field, enter) {
  field.addEventListener("change", enter);
  onKeys(view, field, (event) => {
    if (plainKey(event) === "Enter" && !event.shiftKey && !event.isComposing) enter();
  });
}

/**
 * Puts a number into a field. Text that the user has selected, to type over it, stays selected.
 * @param {HTMLInputElement} field @param {string} text
 */
export function overwrite(field, text) {
  const selected = field.matches(":focus") && field.selectionStart === 0 && field.selectionEnd === field.value.length;
  field.value = text;
  if (selected) field.select();
}

/** Sets an element's text only if it differs, so that the same text causes no new layout and no screen-reader speech. @param {Element} element @param {string} text */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** Text that a screen reader speaks, at most twice a second. @param {View} view */
export function announcer(view) {
  const element = make("div", { class: "pw-spoken", "aria-live": "polite" });
  return {
    element,
    speak: afterPause(view, 500, (/** @type {string} */ text) => {
      element.textContent = text;
    }),
  };
}

/** A checkbox with its text. @param {string} text @param {boolean} checked @param {(checked: boolean) => void} change */
export function checkbox(text, checked, change) {
  const box = make("input", { type: "checkbox" });
  box.addEventListener("change", () => change(box.checked));
  box.checked = checked;
  return make("label", { class: "pw-check" }, box, text);
}

/**
 * A select with options [value, text].
 * @param {string} label @param {[value: string, text: string][]} options @param {string} value @param {(value: string) => void} change
 */
export function choice(label, options, value, change) {
  const select = make("select", { class: "pw-select" });
  select.addEventListener("change", () => change(select.value));
  /** @param {[value: string, text: string][]} entries @param {string} chosen */
  const fill = (entries, chosen) => {
    select.replaceChildren(...entries.map(([key, text]) => make("option", { value: key }, text)));
    select.value = chosen;
  };
  fill(options, value);
  return { element: make("label", { class: "pw-choice" }, label, select), select, fill };
}
