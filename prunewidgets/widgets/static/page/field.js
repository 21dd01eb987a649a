// The row for the threshold, typed as τ or as a sparsity, with what it removes; every view of a threshold has it.
import { announcer, make, onEntry, overwrite, write } from "./elements.js";
import { onKeys } from "./keys.js";
import { steady } from "./steady.js";
import { grouped, percent, say } from "./text.js";
import { watch } from "./watch.js";
import { ahead, commit, moveTo } from "./moving.js";
import { Travel, roundHalfEven, thresholdText } from "../numbers/ranking.js";
/** @import { Ranking } from "../numbers/ranking.js" */
/** @import { TraitName, View } from "../types.js" */

/**
 * Builds the row into `view.el`. `ranking()` is called at each use, since scores may be replaced.
 * @param {View} view
 * @param {() => Ranking} ranking
 * @param {(most?: boolean) => string} where the counted weights are, e.g. " in conv_2"; with `most`, the longest text that it can become
 */
export function mountField(view, ranking, where = () => "") {
  const { model } = view;
  /** @type {number[]} */
  const earlier = []; // thresholds that undo goes back to
  /** @type {HTMLInputElement | null} */
  let typing = null; // the field being typed into: an incoming value does not overwrite it

  /** @param {string} label */
  const number = (label) => make("input", { type: "text", inputmode: "decimal", class: "pw-number", "aria-label": label });
  const typed = number(say(view, "threshold"));
  const share = number(say(view, "sparsity"));
  const undo = make("button", { type: "button", class: "pw-button pw-undo", title: say(view, "undo"), "aria-label": say(view, "undo"), disabled: true }, "↶");
  const counted = steady("pw-count");
  const note = make("div", { class: "pw-note" });
  const spoken = announcer(view);
  const row = make(
    "div",
    { class: "pw-row" },
    make("label", { class: "pw-pair" }, say(view, "threshold"), typed),
    make("label", { class: "pw-pair" }, say(view, "sparsity"), share, "%"),
    undo,
    counted.element,
  );
  view.el.append(make("div", { class: "pw-field" }, row, note, spoken.element));
  // Of linked views that count the same weights, one shows the numbers and speaks them.
  watch(view, ["readout"], () => {
    row.hidden = !model.get("readout");
  });

  let madeFor = ranking();
  let current = new Travel(madeFor);
  /** The slider's travel over the current scores; arrow keys move along it in every view. */
  function travel() {
    // During a drag the travel stays the same, or the thumb would jump away from the pointer: only the counts are new.
    if (madeFor !== ranking() && !view.shared.dragging) {
      madeFor = ranking();
      current = new Travel(madeFor);
    }
    current.ranking = ranking();
    return current;
  }

  /** Moves the threshold, for every control; `pause` is how many milliseconds to wait before the kernel is informed. @param {number} threshold @param {number} pause */
  function move(threshold, pause = 0) {
    const settled = ranking().snap(threshold);
    moveTo(view, settled, view.sparsityAt(settled));
    show(); // even if nothing changed, so that the current value replaces what was typed
    commit(view, pause);
  }

  /** Counts new weights: the kernel counted them at the threshold it has, the page at the one the user is setting now. */
  function recount() {
    if (!ahead(view)) return;
    const settled = ranking().snap(model.get("threshold"));
    moveTo(view, settled, view.sparsityAt(settled));
  }

  /** Moves to a position of the slider, by keys; where stops are far apart, at least to the next stop. @param {number} position */
  function stepTo(position) {
    const now = model.get("threshold");
    const back = position < travel().position(now);
    const wanted = travel().threshold(Math.min(Math.max(position, 0), travel().steps));
    remember();
    move(back && wanted >= now ? ranking().stopBelow(now) : wanted, 250);
  }

  /** @param {number} steps */
  const stepBy = (steps) => stepTo(Math.round(travel().position(model.get("threshold"))) + steps);

  function remember() {
    const now = model.get("threshold");
    if (earlier.at(-1) !== now) earlier.push(now);
    undo.disabled = false;
  }

  // With another layer, scope or criterion, the earlier thresholds belong to what was counted then.
  const forget = () => {
    earlier.length = 0;
    undo.disabled = true;
  };
  for (const name of /** @type {TraitName[]} */ (["layer", "scope", "criterion"])) watch(view, [name], forget);

  undo.addEventListener("click", () => {
    let last = earlier.pop();
    if (last === model.get("threshold")) last = earlier.pop();
    if (last !== undefined) move(last);
    undo.disabled = earlier.length === 0;
  });
  onKeys(view, view.root, (event) => {
    // While a text field has an unfinished entry, Ctrl+Z belongs to the text field; elsewhere a part may have used it.
    if (event.defaultPrevented || event.key !== "z" || !(event.ctrlKey || event.metaKey) || typing) return;
    event.preventDefault();
    undo.click();
  });

  onEntry(view, typed, () => {
    if (typing !== typed) return; // Firefox also reports as typed what Escape put back
    typing = null;
    const value = parse(typed.value);
    const least = Math.min(0, ranking().min);
    if (!(value >= least) || value === Infinity) return refuse(typed, "bad_threshold", { least: thresholdText(least, ranking().round) });
    remember();
    move(value);
  });
  onEntry(view, share, () => {
    if (typing !== share) return;
    typing = null;
    const value = parse(share.value) / 100;
    if (!(value >= 0 && value <= 1)) return refuse(share, "bad_sparsity");
    remember();
    const wanted = roundHalfEven(value * ranking().total);
    const [low, high] = ranking().reachable(wanted);
    move(ranking().thresholdFor(wanted));
    if (low !== high) reportTies(wanted, low, high);
  });
  for (const field of [typed, share]) {
    const discardTyped = () => {
      typing = null;
      show();
    };
    field.addEventListener("input", () => {
      typing = field;
    });
    field.addEventListener("blur", () => {
      if (typing) discardTyped();
    });
    onKeys(view, field, (event) => {
      if (event.key === "Escape") {
        discardTyped();
        field.select();
      }
    });
  }

  /** @param {HTMLInputElement} field @param {string} key @param {Record<string, unknown>} values */
  function refuse(field, key, values = {}) {
    note.textContent = say(view, key, { typed: field.value, ...values });
    field.setAttribute("aria-invalid", "true");
    spoken.speak(note.textContent);
  }

  /** @param {number} wanted @param {number} low @param {number} high the counts nearest to it */
  function reportTies(wanted, low, high) {
    /** @param {number} count */
    const of = (count) => percent(view, count / ranking().total);
    const key = ranking().below ? "stops" : low === 0 && ranking().min === 0 ? "ties_zero" : "ties";
    note.textContent = say(view, key, {
      wanted: grouped(view, wanted),
      tied: grouped(view, high - low),
      low: grouped(view, low),
      high: grouped(view, high),
      low_share: of(low),
      high_share: of(high),
    });
    spoken.speak(note.textContent);
  }

  /** The current threshold and what it removes, as text. */
  function reading() {
    const threshold = model.get("threshold");
    const { total } = ranking();
    const removed = removedNow(threshold);
    const share = percent(view, total ? removed / total : 0);
    return { threshold: thresholdText(threshold, ranking().round), removed: grouped(view, removed), total: grouped(view, total), share };
  }

  function show() {
    const now = reading();
    const { threshold: text, removed, total } = now;
    const percentage = now.share.replace(" %", "");
    write(note, "");
    for (const { field, now } of [
      { field: typed, now: text },
      { field: share, now: percentage },
    ]) {
      if (typing === field) continue;
      overwrite(field, now);
      field.removeAttribute("aria-invalid");
    }
    const count = say(view, "removed", { removed, total, where: where() });
    counted.write(count);
    counted.reserve(say(view, "removed", { removed: total, total, where: where(true) }));
    const sentence = `${say(view, "threshold")} ${text}: ${count}, ${percentage} %`;
    if (model.get("readout")) spoken.speak(sentence);
    return sentence;
  }

  /** How many are removed. Between two stops of a sample only the kernel has the count; its sparsity gives it. @param {number} threshold */
  function removedNow(threshold) {
    if (ranking().exactAt(threshold) || where()) return ranking().removed(threshold);
    return Math.round(model.get("sparsity") * ranking().total);
  }

  watch(view, ["threshold"], show);
  watch(view, ["sparsity"], () => {
    if (ranking().below) show();
  });
  return { move, reading, recount, remember, show, stepBy, stepTo, travel };
}

/** Parses a typed number; a decimal comma counts as a point. @param {string} text */
const parse = (text) => (text.trim() === "" ? NaN : Number(text.replace("%", "").replace(",", ".").replace("−", "-").trim()));
