// The slides of a page: which of its cells are on which, and what comes step by step.
/** @import { Slide } from "../types.js" */

/** @param {Element} main what has the cells @returns {Slide[]} */
export function slidesOf(main) {
  /** @type {Slide[]} */
  const slides = [];
  let heading = "";
  for (const cell of main.querySelectorAll(":scope > :is(.cell, .page-part)")) {
    const type = cell instanceof HTMLElement ? cell.dataset.slide : "";
    if (type === "skip") continue;
    if (type === "slide" || type === "subslide" || !slides.length) slides.push({ steps: [[]], notes: [], heading, title: "", sub: type === "subslide" });
    const slide = slides[slides.length - 1];
    if (type === "notes") {
      slide.notes.push({ step: slide.steps.length - 1, cell });
      continue;
    }
    if (type === "fragment" && slide.steps.some((cells) => cells.length)) slide.steps.push([]);
    slide.steps[slide.steps.length - 1].push(cell);
    const found = [...cell.querySelectorAll("h1, h2, h3")].filter((each) => !each.closest("[data-part], details"));
    if (found.length) {
      heading = textOf(found[found.length - 1]);
      // Its first line is a heading already: the slide needs no other.
      if (!slide.title && cell === slide.steps[0][0] && found[0] === cell.firstElementChild) slide.heading = "";
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

/** @param {Element} element */
const textOf = (element) => element.textContent?.trim().replaceAll(/\s+/g, " ") ?? "";
