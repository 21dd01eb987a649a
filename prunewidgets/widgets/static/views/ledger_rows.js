// The ledger's rows: a name, a bar against the dense model, the number, and how it compares.
import { make, write } from "../page/elements.js";
import { arrowOf, onKeys, plainKey } from "../page/keys.js";
import { say } from "../page/text.js";
import { comparison, exactText, humanText } from "./ledger_text.js";
/** @import { Unit } from "./ledger_text.js" */
/** @import { Cost, View } from "../types.js" */

/** The length of a bar's track, relative to the dense model's bar; a longer bar runs out at its end. */
const TRACK = 1.3;

/** What a row shows. @typedef {[name: string, unit: Unit, dense?: string]} Kind `dense`: what the dense model has */

/** The page counts these itself. @type {Kind[]} */
export const SIZE_ROWS = [
  ["parameters", "weights", "parameters"],
  ["nonzeros", "weights", "parameters"],
  ["dense_bytes", "bytes", "dense_bytes"],
  ["bitmask_bytes", "bytes", "dense_bytes"],
  ["index_coded_bytes", "bytes", "dense_bytes"],
];
/** @type {Kind[]} */
export const WORK_ROWS = [
  ["multiply_adds", "operations", "multiply_adds"],
  ["nonzero_multiply_adds", "operations", "multiply_adds"],
];
/** The kernel measures these, each with the dense model's number beside it. @type {Kind[]} */
export const FILE_ROWS = [
  ["gzip_bytes", "bytes"],
  ["compact_bytes", "bytes"],
  ["tflite_sparse_bytes", "bytes"],
];
/** @type {Kind[]} */
export const TIME_ROWS = [
  ["keras_1", "seconds"],
  ["keras_32", "seconds"],
  ["tflite_1", "seconds"],
  ["tflite_32", "seconds"],
  ["peak_bytes", "memory"],
];
/** Compared with NumPy's dense product, not with the whole model. @type {Kind[]} */
export const PRODUCT_ROWS = [
  ["csr_1", "seconds"],
  ["csr_32", "seconds"],
];
/** For the model that keeps as many weights but loses whole units. @type {Kind[]} */
export const UNIT_ROWS = [
  ["units_parameters", "weights"],
  ["units_multiply_adds", "operations"],
  ["units_keras_1", "seconds"],
  ["units_keras_32", "seconds"],
  ["units_tflite_1", "seconds"],
  ["units_tflite_32", "seconds"],
  ["units_peak_bytes", "memory"],
];

/**
 * One section: its title, its state and its rows.
 * @param {View} view
 * @param {string} title
 * @param {Kind[]} kinds
 * @param {(text: (() => string) | null) => void} showReading is given a function for a row's text while the user points at it
 */
export function section(view, title, kinds, showReading) {
  const state = make("span", { class: "pw-state" });
  const table = make("div", { role: "table", class: "pw-ledger-rows", "aria-label": title });
  const rows = kinds.map(([key, unit]) => row(view, key, unit, showReading));
  table.append(...rows.map(({ element }) => element));
  const element = make(
    "section",
    { class: "pw-panel pw-ledger-section", role: "group", "aria-label": title },
    make("div", { class: "pw-head" }, make("div", { class: "pw-title" }, title), state),
    table,
  );
  return {
    element,
    rows,
    /**
     * Shows a short state, so that the title's line does not wrap differently during a drag.
     * @param {string} key of the words @param {string} kind how it looks: a state of style.css
     * @param {string} more key of the whole sentence, for a user who points at it
     */
    showState(key, kind = key, more = key) {
      write(state, say(view, key));
      state.title = more === key ? "" : say(view, more);
      state.dataset.state = kind;
    },
  };
}

/** @typedef {ReturnType<typeof row>} Row */

/** @param {View} view @param {string} key @param {Unit} unit @param {(text: (() => string) | null) => void} showReading */
function row(view, key, unit, showReading) {
  const name = say(view, key);
  const bar = costBar("cell");
  const short = make("span", { "aria-hidden": "true" });
  const exact = make("span", { class: "pw-spoken" });
  const compared = make("div", { class: "pw-compared", role: "cell" });
  const element = make(
    "div",
    { role: "row", class: "pw-ledger-row", tabindex: -1, "data-cost": key },
    make("div", { class: "pw-cost", role: "rowheader" }, name),
    bar.element,
    make("div", { class: "pw-amount", role: "cell" }, short, exact),
    compared,
  );
  let numbers = "";
  const text = () => `${name}: ${numbers} ${say(view, `${key}_explained`)}`;
  for (const event of ["pointerenter", "focus"]) element.addEventListener(event, () => showReading(text));
  for (const event of ["pointerleave", "blur"]) element.addEventListener(event, () => showReading(null));

  return {
    element,
    key,
    /**
     * @param {Cost | null} cost null for none
     * @param {string} state "" if it belongs to what is shown now, else the word to put in place of the comparison
     */
    show(cost, state = "") {
      element.classList.toggle("pw-old", state !== "");
      const words = cost ? exactText(view, cost, unit) : "–";
      write(short, cost ? humanText(view, cost.value, unit) : "–");
      write(exact, words);
      element.title = cost ? words : "";
      const [kind, text] = state ? ["old", say(view, state)] : cost ? comparison(view, cost, unit) : ["", ""];
      write(compared, text);
      compared.dataset.kind = kind;
      numbers = cost ? `${words}${text ? ` (${text})` : ""}.` : "";
      bar.draw(cost);
    },
  };
}

/** The bar of a number against the dense model's. @param {"cell" | "presentation"} role */
export function costBar(role) {
  const left = make("div", { class: "pw-left-part" });
  const saved = make("div", { class: "pw-saved-part" });
  const over = make("div", { class: "pw-over-part" });
  const whisker = make("div", { class: "pw-whisker", hidden: true });
  const element = make("div", { class: "pw-bar", role, "aria-hidden": "true" }, left, saved, over, whisker);

  /** @param {Cost | null} cost */
  function draw(cost) {
    const base = cost?.base && cost.base > 0 ? cost.base : 0;
    const ratio = cost && base ? cost.value / base : 0;
    /** @param {number} r */
    const x = (r) => `${(Math.min(Math.max(r, 0), TRACK) / TRACK) * 100}%`;
    left.style.width = x(Math.min(ratio, 1));
    saved.style.left = x(Math.min(ratio, 1));
    saved.style.width = base ? x(1 - Math.min(ratio, 1)) : "0%";
    over.style.left = x(1);
    over.style.width = x(Math.max(Math.min(ratio, TRACK) - 1, 0));
    element.classList.toggle("pw-beyond", ratio > TRACK);
    const [low, high] = [cost?.low, cost?.high];
    whisker.hidden = low == null || high == null || low / base > TRACK;
    if (low == null || high == null || whisker.hidden) return;
    whisker.style.left = x(low / base);
    whisker.style.width = x(Math.min(high / base, TRACK) - low / base);
  }
  return { element, draw };
}

/** Makes the rows of all sections one Tab stop; arrow keys go from row to row. @param {View} view @param {HTMLElement} element @param {Row[]} rows */
export function moveBetweenRows(view, element, rows) {
  rows[0].element.tabIndex = 0;
  onKeys(view, element, (event) => {
    const seen = rows.filter((each) => !each.element.hidden);
    const at = seen.findIndex((each) => each.element === event.composedPath()[0]);
    if (at < 0) return;
    const key = plainKey(event);
    const along = arrowOf(event) * (key === "ArrowUp" || key === "ArrowDown" ? -1 : 1);
    const to = key === "Home" ? 0 : key === "End" ? seen.length - 1 : at + along;
    if (!along && key !== "Home" && key !== "End") return;
    event.preventDefault();
    const next = seen[Math.min(Math.max(to, 0), seen.length - 1)];
    rows.forEach((each) => {
      each.element.tabIndex = each === next ? 0 : -1;
    });
    next.element.focus();
  });
  element.addEventListener("focusin", (event) => {
    const now = rows.find((each) => each.element === event.target);
    if (now)
      rows.forEach((each) => {
        each.element.tabIndex = each === now ? 0 : -1;
      });
  });
}
