// The three numbers that a ledger leads with: what is stored, what is computed, how long it takes.
import { make, write } from "../page/elements.js";
import { say } from "../page/text.js";
import { costBar } from "./ledger_rows.js";
import { comparison, exactText, humanText } from "./ledger_text.js";
/** @import { Unit } from "./ledger_text.js" */
/** @import { Cost, LedgerTraits, View } from "../types.js" */

/** What a tile can show, the best first: the first that is offered here is shown. @type {Record<string, {keys: string[], unit: Unit}>} */
const TILES = {
  stored: { keys: ["compact_bytes", "gzip_bytes"], unit: "bytes" },
  computed: { keys: ["multiply_adds"], unit: "operations" },
  time: { keys: ["keras_1", "tflite_1", "keras_32", "tflite_32"], unit: "seconds" },
};

/**
 * @param {View<LedgerTraits>} view
 * @param {(key: string) => {cost: Cost | null, state: string}} read a number, and the word for its state: "" if it belongs to what is
 *   shown now
 */
export function mountTiles(view, read) {
  const { model } = view;
  const tiles = Object.entries(TILES).map(([name, kinds]) => tile(view, name, kinds, read));
  const element = make("div", { class: "pw-tiles" }, ...tiles.map((each) => each.element));
  return {
    element,
    show() {
      const offered = [...model.get("offered"), ...(model.get("positions") ? ["multiply_adds"] : [])];
      for (const each of tiles) each.show(offered);
    },
  };
}

/** @param {View<LedgerTraits>} view @param {string} name @param {{keys: string[], unit: Unit}} kinds @param {(key: string) => {cost: Cost | null, state: string}} read */
function tile(view, name, { keys, unit }, read) {
  const kind = make("span", { class: "pw-soft" });
  const number = make("span", { class: "pw-tile-number" });
  const compared = make("span", { class: "pw-compared" });
  const note = make("div", { class: "pw-soft pw-tile-note" });
  const bar = costBar("presentation");
  const element = make(
    "div",
    { class: "pw-panel pw-tile", role: "group", "aria-label": say(view, name), "data-tile": name },
    make("div", { class: "pw-tile-name" }, make("span", { class: "pw-title" }, say(view, name)), " ", kind),
    make("div", { class: "pw-tile-amount" }, number, compared),
    bar.element,
    note,
  );
  return {
    element,
    /** @param {string[]} offered */
    show(offered) {
      const key = keys.find((each) => offered.includes(each));
      element.hidden = !key;
      if (!key) return;
      const { cost, state } = read(key);
      element.classList.toggle("pw-old", state !== "");
      write(kind, say(view, `${name}_${key}`));
      write(number, cost ? humanText(view, cost.value, unit) : "–");
      number.title = cost ? exactText(view, cost, unit) : "";
      const [different, text] = state ? ["old", say(view, state)] : cost ? comparison(view, cost, unit) : ["", ""];
      write(compared, text);
      compared.dataset.kind = different;
      bar.draw(cost);
      write(note, noteOn(key, cost));
    },
  };

  /** @param {string} key @param {Cost | null} cost */
  function noteOn(key, cost) {
    const skipped = key === "multiply_adds" ? read("nonzero_multiply_adds").cost : null;
    if (skipped) return say(view, "if_skipped", { n: humanText(view, skipped.value, unit) });
    return cost?.base ? say(view, "dense_has", { n: humanText(view, cost.base, unit) }) : "";
  }
}
