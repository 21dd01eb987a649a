// What every view shares with the page: words, numbers as text, elements, the theme.
import { commit, joinLink, keepAhead } from "./moving.js";
import { keepKeys } from "./keys.js";
import { sound } from "./sound.js";

/**
 * What a view works with.
 * @typedef {object} View
 * @property {any} model the AFM model: get, set, on, save_changes, send
 * @property {HTMLElement} el where this part of the view goes
 * @property {HTMLElement} root the whole view
 * @property {AbortSignal} signal ends with the view
 * @property {Shared} shared
 * @property {string} [source] identifies this view to the views linked to it
 * @property {(threshold: number) => number} [sparsityAt] the sparsity of all that the view counts, at a threshold
 * @property {() => number | null} [measuredHere] the accuracy measured at the current setting, if any
 */

/**
 * What a view and its parts share.
 * @typedef {object} Shared
 * @property {boolean} holding whether the user is dragging
 * @property {number} committing the timer of a change not yet sent to the kernel, or 0
 * @property {() => void} asked called after a request to the kernel
 * @property {(silent: boolean) => void} [silence] called with true when the kernel does not answer, with false when it does again
 * @property {Record<string, any>} colours of this theme, once they have been read
 * @property {(() => void)[]} redraws
 */

/** Wraps AFM's render arguments; `mount` fills the element. @param {(view: View) => void} mount */
export function renderer(mount) {
  return ({ model, el, signal }) => {
    const controller = new AbortController();
    signal?.addEventListener("abort", () => controller.abort());
    // The parts of a lab are views made from this one; what may change is in `shared`, once for all of them.
    const view = {
      model: sound(model, controller.signal),
      el,
      root: el,
      signal: controller.signal,
      shared: { holding: false, committing: 0, asked: null, colours: null, redraws: [] },
    };
    // A change still waiting for its pause is sent before the view closes.
    view.signal.addEventListener("abort", () => {
      if (view.shared.committing) commit(view);
    });
    el.classList.add("pw-view");
    followTheme(view);
    joinLink(view);
    keepAhead(view);
    mount(view);
    keepKeys(view);
    showError(view);
    return () => controller.abort();
  };
}

/** Calls `then` now and whenever one of the named traits changes. @param {View} view */
export function watch(view, names, then) {
  for (const name of names) {
    view.model.on(`change:${name}`, then);
    view.signal.addEventListener("abort", () => view.model.off(`change:${name}`, then));
  }
  then();
}

/** A visible word or sentence, with {names} filled in. All of them are in words.py. @param {View} view */
export function say(view, key, values = {}) {
  const text = view.model.get("words")[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

const formats = new Map(); // number formats; Intl is slow to make one

/** @param {View} view */
function format(view, n, least, most) {
  const locale = say(view, "locale");
  const key = `${locale} ${least} ${most}`;
  if (!formats.has(key)) formats.set(key, new Intl.NumberFormat(locale, { minimumFractionDigits: least, maximumFractionDigits: most }));
  return formats.get(key).format(n);
}

/** A number with its thousands separated. @param {View} view */
export const grouped = (view, n) => format(view, n, 0, 3);

/** A share as a percentage: `least` decimals, more where these would show 0 % or 100 % for a share that is neither. @param {View} view */
export function percent(view, share, least = 2) {
  let digits = least;
  const wrong = () => {
    const shown = Number((share * 100).toFixed(digits));
    return (shown === 100 && share < 1) || (shown === 0 && share > 0);
  };
  while (digits < 8 && wrong()) digits += 1;
  return `${format(view, share * 100, digits, digits)} %`;
}

/** A weight or score as short text. */
export const short = (x) => (x === 0 ? "0" : String(Number(x.toPrecision(3))).replace("-", "−"));

/**
 * An element. Text always goes in as text, so that a layer's name can never be markup.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} attributes attribute values; a function becomes a listener
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
 * @param {HTMLInputElement} field @param {() => void} enter
 */
export function onEntry(field, enter) {
  field.addEventListener("change", enter);
  field.addEventListener("keydown", (event) => {
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

/** Sets an element's text only if it differs, so that the same text causes no new layout and no screen-reader speech. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** The key, or "" with Ctrl, Alt or Meta: views leave those combinations alone. */
export const plainKey = (event) => (event.ctrlKey || event.altKey || event.metaKey ? "" : event.key);

/** 1 for an arrow key that increases a value, -1 for one that decreases it, else 0. */
export const arrowOf = (event) => ({ ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 })[plainKey(event)] ?? 0;

/** Wraps `work` so that it runs only after a pause (milliseconds) in a run of calls. @param {View} view */
export function afterPause(view, pause, work) {
  let timer = 0;
  view.signal.addEventListener("abort", () => clearTimeout(timer));
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), pause);
  };
}

/** Text that a screen reader speaks, at most twice a second. @param {View} view */
export function announcer(view) {
  const element = make("div", { class: "pw-spoken", "aria-live": "polite" });
  return {
    element,
    speak: afterPause(view, 500, (text) => {
      element.textContent = text;
    }),
  };
}

/** A checkbox with its text. */
export function checkbox(text, checked, change) {
  const box = make("input", { type: "checkbox", change: () => change(box.checked) });
  box.checked = checked;
  return make("label", { class: "pw-check" }, box, text);
}

/** A select with options [value, text]. */
export function choice(label, options, value, change) {
  const select = make("select", { class: "pw-select", change: () => change(select.value) });
  const fill = (entries, chosen) => {
    select.replaceChildren(...entries.map(([key, text]) => make("option", { value: key }, text)));
    select.value = chosen;
  };
  fill(options, value);
  return { element: make("label", { class: "pw-choice" }, label, select), select, fill };
}

/** Follows the theme: JupyterLab marks it on the body; elsewhere, and in high contrast, the system's preference counts. @param {View} view */
function followTheme(view) {
  const [system, forced] = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
  const apply = () => {
    const jupyter = forced.matches ? undefined : document.body.dataset.jpThemeLight;
    view.el.classList.toggle("pw-dark", jupyter ? jupyter === "false" : system.matches);
    view.shared.colours = null;
    view.shared.redraws.forEach((redraw) => redraw());
  };
  // The attribute changes before the theme's style sheet has arrived: look again a little later.
  let later = [];
  const changed = () => {
    later.forEach(clearTimeout);
    later = [0, 200, 600, 1500].map((pause) => setTimeout(apply, pause));
  };
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  for (const query of [system, forced]) query.addEventListener("change", apply, { signal: view.signal });
  view.signal.addEventListener("abort", () => {
    observer.disconnect();
    later.forEach(clearTimeout);
  });
  apply();
}

/** The error line at the foot of each view. @param {View} view */
function showError(view) {
  const line = make("div", { class: "pw-error", role: "alert" });
  view.el.append(line);
  watch(view, ["error"], () => {
    line.textContent = view.model.get("error") ?? "";
  });
}
