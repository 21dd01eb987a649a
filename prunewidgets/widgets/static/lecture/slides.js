// The slides of a lecture: which cells are on which, and what comes step by step.
/** @import { Slide, StageCell } from "../types.js" */

const VIEW = "[data-part], .pw-view, details";

/** @param {StageCell[]} cells @returns {Slide[]} */
export function slidesOf(cells) {
  /** @type {Slide[]} */
  const slides = [];
  let heading = "";
  for (const { element: cell, type } of cells) {
    if (type === "skip") continue;
    if (type === "slide" || type === "subslide" || !slides.length) slides.push({ steps: [[]], notes: [], heading, title: "", sub: type === "subslide" });
    const slide = slides[slides.length - 1];
    if (type === "notes") {
      slide.notes.push({ step: slide.steps.length - 1, cell });
      continue;
    }
    if (type === "fragment" && slide.steps.some((cells) => cells.length)) slide.steps.push([]);
    slide.steps[slide.steps.length - 1].push(cell);
    const found = [...cell.querySelectorAll("h1, h2, h3")].filter((each) => !each.closest(VIEW));
    if (found.length) {
      heading = textOf(found[found.length - 1]);
      // Its first line is a heading already: the slide needs no other.
      if (!slide.title && cell === slide.steps[0][0] && isFirstLine(found[0])) slide.heading = "";
      slide.title ||= textOf(found[0]);
    }
  }
  return slides;
}

/** What a slide is called: by its heading, the heading before it, or its first view; "" if by none. @param {Slide} slide */
export function titleIn({ title, heading, steps }) {
  const views = steps.flat().map((cell) => cell.querySelector(".pw-title")?.textContent);
  return title || heading || (views.find(Boolean) ?? "");
}

/** @param {Element} heading */
const isFirstLine = (heading) => !heading.previousElementSibling && heading.parentElement?.matches(".cell, .jp-RenderedMarkdown");

/** A heading's text, without JupyterLab's link to it. @param {Element} heading */
function textOf(heading) {
  const copy = /** @type {Element} */ (heading.cloneNode(true));
  for (const link of copy.querySelectorAll(".jp-InternalAnchorLink")) link.remove();
  return copy.textContent?.trim().replaceAll(/\s+/g, " ") ?? "";
}
