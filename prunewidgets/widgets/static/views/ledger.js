// The ledger: what pruning saves against the dense model: three numbers first, and all others row by row behind one
// control. The page counts what can be counted, during a drag too; what has to be measured comes from the kernel, and
// states what it belongs to. Savings in space are on the left, savings in work and time on the right.
import { renderer } from "../page/view.js";
import { announcer, make, write } from "../page/elements.js";
import { grouped, percent, say } from "../page/text.js";
import { watch } from "../page/watch.js";
import { Layers } from "../numbers/layers.js";
import { mountField } from "../page/field.js";
import { countCosts } from "../numbers/ledger_counts.js";
import { whyStale } from "../numbers/why_stale.js";
import { comparison, exactText } from "./ledger_text.js";
import { mountTiles } from "./ledger_tiles.js";
import { FILE_ROWS, PRODUCT_ROWS, SIZE_ROWS, TIME_ROWS, UNIT_ROWS, WORK_ROWS, section, moveBetweenRows } from "./ledger_rows.js";
import { reportNoAnswer } from "../page/no_answer.js";
/** @import { Kind } from "./ledger_rows.js" */
/** @import { Ranking } from "../numbers/ranking.js" */
/** @import { Cost, Costs, LedgerTraits, State, View } from "../types.js" */

/** A ledger that follows a slider in another view, with the row for typing a threshold. */
export const ledger = renderer((/** @type {View<LedgerTraits>} */ view) =>
  mountLedger(view, (part, ranking) => {
    const field = mountField(part, ranking);
    return { field, refresh: field.show };
  }),
);

/**
 * @param {View<LedgerTraits>} view
 * @param {(view: View, ranking: () => Ranking) =>
 *   {field: ReturnType<typeof mountField>, refresh: () => void}} mountThreshold builds what moves the threshold
 * @param {(silent: boolean) => void} onNoAnswer called with true when the kernel was asked and does not answer, with false when it does again
 */
export function mountLedger(view, mountThreshold, onNoAnswer = () => {}) {
  const { model, el } = view;
  el.classList.add("pw-ledger");
  let layers = Layers.of(model);
  view.sparsityAt = (threshold) => layers.ranking("").sparsity(threshold);
  const title = make("div", { class: "pw-lab-title" });
  el.append(make("div", { class: "pw-head" }, title));
  const moved = mountThreshold(view, () => layers.ranking(""));

  const detail = make("div", { class: "pw-detail pw-ledger-detail", "data-hint": say(view, "hint_ledger") });
  /** Makes the text of the row that the user points at. @type {(() => string) | null} */
  let reading = null;
  /** @param {(() => string) | null} text */
  const showReading = (text) => {
    reading = text;
    write(detail, reading ? reading() : "");
  };
  /** @param {string} key */
  const offered = (key) => model.get("offered").includes(key);
  /** @param {Kind[]} kinds */
  const ifOffered = (kinds) => (kinds.some(([key]) => offered(key)) ? kinds : []);
  const sections = {
    size: section(view, say(view, "ledger_size"), SIZE_ROWS, showReading),
    work: section(view, say(view, "ledger_work"), model.get("positions") ? WORK_ROWS : [], showReading),
    files: section(view, say(view, "ledger_files"), ifOffered(FILE_ROWS), showReading),
    times: section(view, say(view, "ledger_times"), ifOffered(TIME_ROWS), showReading),
    products: section(view, say(view, "ledger_products"), ifOffered(PRODUCT_ROWS), showReading),
    units: section(view, say(view, "ledger_units"), ifOffered(UNIT_ROWS), showReading),
  };
  const shown = Object.values(sections).filter(({ rows }) => rows.length);
  const wins = make("div", { class: "pw-lesson pw-wins" });
  const conditions = make("div", { class: "pw-soft pw-conditions" });
  const { size, work, files, times, products, units } = sections;
  const timed = times.rows.length > 0;
  products.element.append(wins);
  if (timed) times.element.append(conditions);
  units.element.classList.add("pw-ledger-units");
  /** @param {(typeof size)[]} parts @param {...HTMLElement} more */
  const column = (parts, ...more) =>
    make("div", { class: "pw-ledger-column" }, ...parts.filter(({ rows }) => rows.length).map(({ element }) => element), ...more);
  const columns = make(
    "div",
    { class: "pw-ledger-columns" },
    column(timed ? [size, files, units] : [size]),
    column(timed ? [work, products, times] : [work, files]),
  );
  const tiles = mountTiles(view, readCost);
  const lesson = make("div", { class: "pw-lesson pw-scattered" }, say(view, "scattered"));
  const all = make("details", { class: "pw-all" }, make("summary", {}, say(view, "all_numbers")), legend(view), columns, detail);
  const spoken = announcer(view);
  const silence = make("div", { class: "pw-silence", role: "alert" }); // shown once, however many sections are waiting
  el.append(silence, tiles.element, lesson, all, spoken.element);
  moveBetweenRows(
    view,
    columns,
    shown.flatMap(({ rows }) => rows),
  );

  /** Whether a number from the kernel belongs to these weights and to what is removed from them now. @param {Partial<State>} measured */
  function fresh(measured) {
    const [generation, criterion, threshold] = [model.get("generation"), model.get("criterion"), model.get("threshold")];
    const removed = layers.sampled ? undefined : layers.ranking("").removed(threshold);
    return !whyStale(measured, { generation, criterion, threshold, removed }, layers.sampled);
  }

  /**
   * The costs, counted here, or by the kernel if there are too many weights to send; and what is said meanwhile.
   * @returns {[costs: Costs | undefined, counting: string]}
   */
  function count() {
    if (!layers.sampled) return [countCosts(layers, model.get("threshold"), model.get("positions")), ""];
    const { costs, ...belongs } = model.get("counted");
    return [costs, costs && fresh(belongs) ? "" : "counting"];
  }

  function show() {
    const [costs, counting] = count();
    for (const [section, kinds] of /** @type {const} */ ([
      [size, SIZE_ROWS],
      [work, WORK_ROWS],
    ])) {
      section.rows.forEach((row, i) => {
        const base = denseCost(costs, kinds[i]);
        row.show(costs ? { value: costs[row.key], base } : null, row.key === kinds[i][2] ? "" : counting);
      });
      section.showState(counting || "counted");
    }
    for (const section of [files, times, products, units]) showMeasured(section);
    tiles.show();
    showReading(reading);
    if (costs && !counting) speak(costs);
  }

  /** The dense model's cost, from the kernel if it compares with another model. @param {Costs | undefined} costs @param {Kind} kind */
  const denseCost = (costs, [, , name = ""]) => model.get("dense")[name] ?? costs?.[name];

  let silent = false; // the kernel was asked and has not answered for a while
  const waiting = () => model.get("measuring") && !silent;
  /** A number from the kernel, and its state. @param {string} key @returns {{cost: Cost | null, state: "measured" | "measuring" | "stale" | "unmeasured"}} */
  function measuredCost(key) {
    const numbers = model.get("measured");
    const cost = Object.hasOwn(numbers, key) ? numbers[key] : null;
    return { cost, state: cost && fresh(cost) ? "measured" : waiting() ? "measuring" : cost ? "stale" : "unmeasured" };
  }

  /** A number of any row, for the tiles. @param {string} key @returns {{cost: Cost | null, state: string}} */
  function readCost(key) {
    const counted = [...SIZE_ROWS, ...WORK_ROWS].find(([name]) => name === key);
    if (counted) {
      const [costs, counting] = count();
      return { cost: costs ? { value: costs[key], base: denseCost(costs, counted) } : null, state: key === counted[2] ? "" : counting };
    }
    const { cost, state } = measuredCost(key);
    return { cost, state: state === "measured" ? "" : state === "stale" ? "old" : state };
  }

  /** @param {typeof size} section */
  function showMeasured({ element, rows, showState }) {
    const states = rows
      .filter((row) => {
        row.element.hidden = !offered(row.key);
        return !row.element.hidden;
      })
      .map((row) => {
        const { cost, state } = measuredCost(row.key);
        row.show(cost, state === "stale" ? "old" : state === "measuring" ? state : "");
        return state;
      });
    element.hidden = !states.length;
    const open = states.find((state) => state !== "measured");
    if (!open) showState("measured");
    else if (waiting()) showState("measuring");
    else if (silent) showState("no_answer_short", "no_answer", "no_answer");
    else if (model.get("cancelled")) showState("cancelled_short", "stale", "cancelled");
    else if (states.includes("stale")) showState("stale_short", "stale", "stale");
    else showState("unmeasured");
  }

  /** @param {Costs} costs */
  function speak(costs) {
    /** @param {Kind} kind */
    const text = (kind) => {
      const [key, unit] = kind;
      const cost = { value: costs[key], base: denseCost(costs, kind) };
      return `${say(view, key)}: ${exactText(view, cost, unit)}, ${comparison(view, cost, unit)[1]}`;
    };
    spoken.speak([SIZE_ROWS[1], SIZE_ROWS[4], ...(model.get("positions") ? [WORK_ROWS[1]] : [])].map(text).join("; "));
  }

  let frame = 0;
  const showInNextFrame = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      show();
    });
  };
  view.signal.addEventListener("abort", () => cancelAnimationFrame(frame));
  watch(view, ["generation"], () => {
    layers = Layers.of(model);
    moved.field.recount();
    moved.refresh();
  });
  watch(view, ["title"], () => {
    const values = { model: model.get("title"), total: grouped(view, layers.total) };
    write(title, say(view, values.model ? "ledger_of" : "ledger", values));
  });
  watch(view, ["wins"], () => {
    write(wins, winsText(view));
    wins.hidden = !wins.textContent;
  });
  watch(view, ["conditions"], () => write(conditions, model.get("conditions").runs ? say(view, "conditions", model.get("conditions")) : ""));
  reportNoAnswer(view, ["measured", "counted", "measuring", "cancelled", "generation", "error"], (now) => {
    silent = now;
    write(silence, silent && !view.shared.kernelGone ? say(view, "no_answer") : "");
    onNoAnswer(silent);
    showInNextFrame();
  });
  watch(view, ["threshold", "criterion", "measured", "counted", "measuring", "cancelled", "generation", "offered"], showInNextFrame);
  show();
  return { lesson };
}

/** Text on the sparsity from which a sparse product is faster than a dense one; empty until that has been measured. @param {View<LedgerTraits>} view */
function winsText(view) {
  const { inputs, units, from } = view.model.get("wins");
  if (!from || inputs === undefined || units === undefined) return "";
  const [one, many] = Object.entries(from).map(([batch, sparsity]) =>
    sparsity === null ? say(view, "wins_never", { batch }) : say(view, "wins_from", { batch, sparsity: percent(view, sparsity, 0) }),
  );
  return say(view, "wins", { inputs: grouped(view, inputs), units: grouped(view, units), one, many });
}

/** The legend of the bars. @param {View} view */
function legend(view) {
  /** @param {string} part @param {string} key */
  const entry = (part, key) => make("span", { class: "pw-pair" }, make("span", { class: `pw-key ${part}` }), say(view, key));
  return make(
    "div",
    { class: "pw-legend" },
    entry("pw-left-part", "left_part"),
    entry("pw-saved-part", "saved_part"),
    entry("pw-over-part", "over_part"),
    entry("pw-dense-mark", "dense_mark"),
  );
}
