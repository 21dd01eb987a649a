// The rows of a show of hands: an answer, and for each round a field for its hands and their bar.
import { make, onEntry, overwrite } from "../page/elements.js";
import { onKeys, plainKey } from "../page/keys.js";
import { grouped, say } from "../page/text.js";
/** @import { HandsTraits, View } from "../types.js" */

/** @typedef {"before" | "after"} Round */
/** @type {Round[]} */
const ROUNDS = ["before", "after"];
const HEADS = { before: "hands_before", after: "hands_after" };
const MOST = 9999;

/**
 * @param {View<HandsTraits>} view
 * @param {{of: (round: Round) => number[], again: () => boolean, found: () => {answer: number} | null,
 *   count: (round: Round, row: number, n: number, pause: number) => void, refused: (text: string) => void}} parts
 *   `count` sets the hands of a row, `pause` is how many milliseconds to wait before the kernel is informed
 */
export function mountCounts(view, { of, again, found, count, refused }) {
  const answers = view.model.get("answers");
  const heads = ROUNDS.map((round) => make("div", { class: `pw-soft pw-hands-${round}` }, say(view, HEADS[round])));
  const rows = answers.map((answer, row) => {
    const mark = make("span", { class: "pw-hands-mark" }, say(view, "hands_mark"));
    const rounds = ROUNDS.map((round) => newField(answer, row, round));
    return {
      mark,
      rounds,
      element: make("div", { class: "pw-hands-row" }, make("div", { class: "pw-hands-answer" }, answer, mark), ...rounds.map((r) => r.cell)),
    };
  });
  const element = make(
    "div",
    { class: "pw-hands-rows" },
    make("div", { class: "pw-hands-row pw-hands-heads" }, make("div"), ...heads),
    ...rows.map((r) => r.element),
  );

  /** @param {string} answer @param {number} row @param {Round} round */
  function newField(answer, row, round) {
    const label = say(view, "hands_field", { answer, round: say(view, HEADS[round]) });
    const field = make("input", { type: "text", inputmode: "numeric", autocomplete: "off", class: "pw-number pw-hands-count", "aria-label": label });
    const bar = make("div", { class: "pw-hands-bar" });
    const take = () => {
      const typed = field.value.trim();
      const n = typed === "" ? 0 : /^\d{1,6}$/.test(typed) ? Number(typed) : MOST + 1;
      field.toggleAttribute("aria-invalid", n > MOST);
      refused(n > MOST ? say(view, "bad_count", { typed, high: grouped(view, MOST) }) : "");
      if (n <= MOST && n !== of(round)[row]) count(round, row, n, 0);
    };
    onEntry(view, field, take);
    onKeys(view, field, (event) => {
      const key = plainKey(event);
      if (key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        take();
        if (!field.hasAttribute("aria-invalid")) rows[(row + 1) % rows.length].rounds[ROUNDS.indexOf(round)].field.focus();
      }
      const by = { ArrowUp: 1, ArrowDown: -1 }[key] ?? 0;
      if (!by) return;
      event.preventDefault();
      take();
      const n = Math.min(Math.max(of(round)[row] + by, 0), MOST);
      if (!field.hasAttribute("aria-invalid")) count(round, row, n, 250);
    });
    field.addEventListener("focus", () => field.select());
    return {
      field,
      bar,
      cell: make("div", { class: `pw-hands-cell pw-hands-${round}` }, field, make("div", { class: "pw-hands-track", "aria-hidden": "true" }, bar)),
    };
  }

  function refresh() {
    const hands = ROUNDS.map(of);
    const most = Math.max(1, ...hands.flat());
    element.classList.toggle("pw-hands-again", again());
    const right = found()?.answer;
    for (const [row, { mark, rounds, element: line }] of rows.entries()) {
      mark.hidden = row !== right;
      line.classList.toggle("pw-hands-right", row === right);
      for (const [at, { field, bar }] of rounds.entries()) {
        const n = hands[at][row];
        bar.style.width = `${(100 * n) / most}%`;
        if (!field.hasAttribute("aria-invalid") && field.value !== String(n)) overwrite(field, String(n));
      }
    }
  }

  return {
    element,
    refresh,
    /** Puts the cursor into the first field of a round. @param {Round} round */
    focus: (round) => rows[0]?.rounds[ROUNDS.indexOf(round)].field.focus(),
  };
}
