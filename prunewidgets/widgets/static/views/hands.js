// A show of hands: a class's guesses as bars, before and after a discussion; what was found shows only when it is asked for.
import { renderer } from "../page/view.js";
import { announcer, make, write } from "../page/elements.js";
import { grouped, say } from "../page/text.js";
import { watch } from "../page/watch.js";
import { commit } from "../page/moving.js";
import { moved, total } from "../numbers/hands.js";
import { mountCounts } from "./hands_counts.js";
/** @import { HandsTraits, View } from "../types.js" */

export const hands = renderer((/** @type {View<HandsTraits>} */ view) => {
  const { model } = view;
  const again = () => model.get("after").length > 0;
  const known = () => {
    const { answer, text } = model.get("found");
    return answer !== undefined && text !== undefined && answer < model.get("answers").length ? { answer, text } : null;
  };
  const found = () => (model.get("revealed") ? known() : null);
  /** The hands of each answer in a round. @param {"before" | "after"} round */
  const of = (round) => model.get("answers").map((_, row) => model.get(round)[row] ?? 0);

  /** @param {string} key @param {() => void} click @param {string} [kind] */
  const button = (key, click, kind = "") => make("button", { type: "button", class: `pw-button ${kind}`, "data-do": key, click }, say(view, key));
  const ask = button("hands_again", () => {
    model.set(
      "after",
      model.get("answers").map(() => 0),
    );
    commit(view);
    counts.focus("after");
  });
  const reveal = button(
    "hands_reveal",
    () => {
      if (!known()) return;
      model.set("revealed", true);
      commit(view);
      result.focus({ preventScroll: true }); // the button goes
    },
    "pw-strong",
  );
  const result = make("div", { class: "pw-hands-result", tabindex: -1 });
  const note = make("div", { class: "pw-note", role: "alert" });
  const spoken = announcer(view);
  const counts = mountCounts(view, {
    of,
    again,
    found,
    count(round, row, n, pause) {
      const now = of(round);
      now[row] = n;
      model.set(round, now);
      commit(view, pause);
    },
    refused: (text) => write(note, text),
  });
  view.el.append(
    make(
      "section",
      { class: "pw-panel pw-hands", role: "group", "aria-label": model.get("question") },
      make("div", { class: "pw-title pw-hands-question" }, model.get("question")),
      counts.element,
      make("div", { class: "pw-row" }, ask, reveal),
      result,
      note,
      spoken.element,
    ),
  );

  /** What the view says at this moment, in a few sentences. */
  function state() {
    const [before, after] = [of("before"), of("after")];
    const numbers = { n: grouped(view, total(before)), after: grouped(view, total(after)) };
    const shown = found();
    if (!shown) {
      const counted = again() ? say(view, "hands_counts", numbers) : total(before) ? say(view, "hands_count", numbers) : say(view, "hint_hands");
      return `${counted} ${say(view, known() ? "hands_hidden" : "hands_none_found")}`;
    }
    const { answer: row, text } = shown;
    const values = { ...numbers, found: text, right: grouped(view, before[row]), right_after: grouped(view, after[row]) };
    if (!again()) return say(view, "hands_found", values);
    const least = moved(before, after, row, model.get("ranged"));
    const sentences = [say(view, "hands_found_again", values)];
    if (least.nearer) sentences.push(say(view, "hands_nearer", { nearer: grouped(view, least.nearer) }));
    if (least.further) sentences.push(say(view, "hands_further", { further: grouped(view, least.further) }));
    return sentences.join(" ");
  }

  let mounted = false; // a page that opens does not read all its views aloud
  watch(view, ["before", "after", "found", "revealed", "answers"], () => {
    counts.refresh();
    ask.hidden = again();
    reveal.hidden = model.get("revealed");
    reveal.disabled = !known();
    write(result, state());
    result.classList.toggle("pw-found", Boolean(found()));
    if (mounted) spoken.speak(state());
  });
  mounted = true;
});
