// A saved page as the stage of a lecture.
import { make } from "../../../widgets/static/page/elements.js";
/** @import { Stage } from "../../../widgets/static/types.js" */

/** @param {HTMLElement} main what has the cells @param {Record<string, string>} words @returns {Stage} */
export function pageStage(main, words) {
  const all = /** @type {HTMLElement[]} */ ([...main.children]);
  const cells = all.map((element) => ({ element, type: element.matches(".cell, .page-part") ? (element.dataset.slide ?? "") : "skip" }));
  return {
    main,
    scroller: document.documentElement,
    root: document.body,
    title: document.title,
    cells: () => cells,
    isWords: (cell) => cell.matches(".cell-prose") && !cell.querySelector("pre, table, img, svg"),
    above: (...elements) => main.prepend(...elements),
    over: (...elements) => main.after(...elements),
    copied: (cell) => copied(cell, words),
    style: () => document.querySelector("style")?.textContent ?? "",
    entered() {},
    left: ({ steps }) => steps[0][0]?.scrollIntoView(),
  };
}

/** A cell to read in the other window. @param {Element} cell @param {Record<string, string>} words */
function copied(cell, words) {
  const copy = /** @type {Element} */ (cell.cloneNode(true));
  copy.classList.remove("lecture-off");
  for (const view of copy.matches("[data-part]") ? [copy] : copy.querySelectorAll("[data-part]")) {
    const said = view.querySelector(".pw-title")?.textContent || words.lecture_view;
    view.replaceChildren(make("p", { class: "lecture-view" }, said));
  }
  for (const field of copy.querySelectorAll(".page-ask")) field.remove();
  for (const named of [copy, ...copy.querySelectorAll("[id]")]) named.removeAttribute("id");
  return copy;
}
