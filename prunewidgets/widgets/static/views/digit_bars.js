// What a network reads a digit as: ten bars, and a mark on each for the network without pruning.
import { make, write } from "../page/elements.js";
import { percent, say } from "../page/text.js";
/** @import { Reading, View } from "../types.js" */

/** A probability in whole per cent. @param {View} view @param {number} share */
export const sure = (view, share) => (share >= 0.995 && share < 1 ? say(view, "nearly_sure") : percent(view, Math.round(share * 100) / 100, 0));

/** @param {View} view */
export function digitBars(view) {
  const rows = Array.from({ length: 10 }, (_, digit) => {
    const [bar, mark, amount] = [make("div", { class: "pw-digit-bar" }), make("div", { class: "pw-digit-mark" }), make("span", { class: "pw-amount" })];
    const track = make("div", { class: "pw-digit-track" }, bar, mark);
    return { bar, mark, amount, row: make("div", { class: "pw-digit-row" }, make("span", {}, String(digit)), track, amount) };
  });
  const legend = [make("span", { class: "pw-digit-key pw-digit-bar" }), say(view, "as_pruned"), make("span", { class: "pw-digit-key pw-digit-mark" })];
  const bars = make("div", { class: "pw-digit-rows", role: "img" }, ...rows.map(({ row }) => row));
  const element = make("div", {}, bars, make("div", { class: "pw-legend" }, ...legend, say(view, "without_pruning")));

  /** @param {Partial<Reading>} reading */
  function show({ now, unpruned, read }) {
    rows.forEach(({ bar, mark, amount, row }, digit) => {
      bar.style.width = `${100 * (now?.[digit] ?? 0)}%`;
      mark.style.left = `${100 * (unpruned?.[digit] ?? 0)}%`;
      mark.hidden = !unpruned;
      write(amount, now ? rounded(now[digit]) : "");
      row.classList.toggle("pw-digit-read", digit === read);
    });
    const spoken = now?.map((share, digit) => say(view, "digit_bar", { digit, now: rounded(share), was: rounded(unpruned?.[digit] ?? 0) }));
    bars.setAttribute("aria-label", spoken?.join("; ") ?? say(view, "nothing_drawn"));
  }
  /** @param {number} share */
  const rounded = (share) => sure(view, share);
  return { element, show };
}
