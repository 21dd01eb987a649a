// What a flipped example was read as before pruning and after it, while it is pointed at or has the focus.
import { make, write } from "../page/elements.js";
import { onKeys, plainKey } from "../page/keys.js";
import { percent, say } from "../page/text.js";
/** @import { Flips, View } from "../types.js" */

/** @type {Record<string, number>} */
const BY_KEY = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };

/** Builds the text into `view.el`, above the examples in `strip`. @param {View} view @param {HTMLElement} strip */
export function mountFlipText(view, strip) {
  const tip = make("div", { class: "pw-tip", hidden: true, "aria-hidden": "true" }); // each example has it as its label
  view.el.append(tip);
  /** @type {HTMLElement[]} */
  let figures = [];
  /** @param {HTMLElement | null} figure */
  const show = (figure) => {
    tip.hidden = !figure;
    write(tip, figure?.getAttribute("aria-label") ?? "");
  };
  const focused = () => figures.find((figure) => figure.matches(":focus")) ?? null;
  onKeys(view, strip, (event) => {
    const by = BY_KEY[plainKey(event)];
    const now = focused();
    if (!by || !now) return;
    event.preventDefault();
    figures[Math.min(Math.max(figures.indexOf(now) + by, 0), figures.length - 1)].focus();
  });

  /** Makes the figures of the examples say what they are; one of them can be reached with Tab. @param {[HTMLElement, Flips["shown"][number]][]} shown */
  return function describe(shown) {
    figures = shown.map(([figure]) => figure);
    show(null);
    shown.forEach(([figure, flip], i) => {
      figure.setAttribute("role", "img");
      figure.setAttribute("aria-label", flipText(view, flip));
      figure.tabIndex = i ? -1 : 0;
      figure.addEventListener("pointerenter", () => show(figure));
      figure.addEventListener("pointerleave", () => show(focused()));
      figure.addEventListener("focus", () => {
        for (const other of figures) other.tabIndex = other === figure ? 0 : -1;
        show(figure);
      });
      figure.addEventListener("blur", () => show(null));
    });
  };
}

/** @param {View} view @param {Flips["shown"][number]} flip */
function flipText(view, { index, label, read, before, after }) {
  if (before == null || after == null) return say(view, "flip", { index, label, read });
  return say(view, "flip_sure", { index, label, read, before: percent(view, before), after: percent(view, after) });
}
