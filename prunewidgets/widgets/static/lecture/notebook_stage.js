// A notebook open in JupyterLab or Notebook 7 as the stage of a lecture: its own cells, in front of everything else.
import { make } from "../page/elements.js";
import { guessCell, notesOf, typesOf } from "./notebook_cells.js";
/** @import { NotebookCells, Stage, StageCell } from "../types.js" */

const CELLS = ":scope > .jp-Cell";

/**
 * Where a view shows its notebook's slides; or the key of the sentence that says why not.
 * @param {Element} el within a view @param {NotebookCells} cells @param {string} style of the speaker's window
 * @param {Record<string, string>} words @param {() => void} gone called when the host wants to be seen
 * @returns {Stage | string}
 */
export function notebookStage(el, cells, style, words, gone) {
  const panel = el.closest(".jp-NotebookPanel");
  const scroller = panel?.querySelector(".jp-WindowedPanel-outer");
  const viewport = scroller?.querySelector(".jp-WindowedPanel-viewport");
  if (el.closest("[data-part]")) return "lecture_in_page";
  if (!(panel instanceof HTMLElement && scroller instanceof HTMLElement && viewport)) return "lecture_no_panel";
  const elements = () => /** @type {HTMLElement[]} */ ([...viewport.querySelectorAll(CELLS)]);
  if (cells && cells.length !== elements().length) return "lecture_windowed";

  const over = make("div", { class: "lecture-over" });
  const above = make("div", { class: "lecture-above" });
  /** @type {StageCell[]} */
  let known = [];
  /** @type {() => void} */
  let restore = () => {};
  const toFront = () => {
    if (panel.popover === null) return;
    panel.hidePopover();
    panel.showPopover(); // what went to full screen later would be in front
  };
  // A dialog of the host's would wait behind the slides.
  const dialogs = new MutationObserver((changes) => {
    if (changes.some(({ addedNodes }) => [...addedNodes].some((node) => node instanceof Element && node.matches(".jp-Dialog")))) gone();
  });
  over.addEventListener("keydown", (event) => event.stopPropagation()); // keys in a list are none of the notebook's
  return {
    main: scroller,
    scroller,
    root: panel,
    title: viewport.querySelector(".jp-RenderedMarkdown h1")?.firstChild?.textContent ?? document.title,
    cells() {
      const now = elements();
      if (known.length !== now.length || known.some(({ element }, at) => element !== now[at])) known = typesOf(now, cells, el);
      return known;
    },
    isWords: (cell) => cell.matches(".jp-MarkdownCell") && !cell.querySelector("pre, table, img, svg"),
    above: (...added) => above.append(...added),
    over: (...added) => over.append(...added),
    copied: (cell) => copied(cell, elements().indexOf(/** @type {HTMLElement} */ (cell)), cells, words),
    style: () => style,
    entered() {
      restore = kept(panel, scroller, elements());
      for (const [at, cell] of elements().entries()) cell.classList.toggle("lecture-guess", cell.matches(".jp-CodeCell") && guessCell(cells, at));
      viewport.before(above);
      panel.append(over);
      panel.classList.add("lecture-panel");
      panel.popover = "manual"; // in front of all, without leaving its place
      panel.showPopover();
      document.addEventListener("fullscreenchange", toFront);
      dialogs.observe(document.body, { childList: true });
    },
    left() {
      dialogs.disconnect();
      document.removeEventListener("fullscreenchange", toFront);
      panel.hidePopover();
      panel.popover = null;
      panel.classList.remove("lecture-panel");
      for (const cell of elements()) cell.classList.remove("lecture-guess");
      above.remove();
      over.remove();
      restore();
    },
  };
}

/** Returns what puts selection and scroll position back as they are now. @param {HTMLElement} panel @param {HTMLElement} scroller @param {HTMLElement[]} cells */
function kept(panel, scroller, cells) {
  const active = panel.querySelector(".jp-Cell.jp-mod-active");
  const top = scroller.getBoundingClientRect().top;
  const first = cells.find((cell) => cell.getBoundingClientRect().bottom > top);
  const offset = first ? first.getBoundingClientRect().top - top : 0;
  const focused = document.activeElement;
  return () => {
    if (active instanceof HTMLElement) active.focus({ preventScroll: true }); // JupyterLab selects the cell that has the focus
    if (focused instanceof HTMLElement && focused.isConnected) focused.focus({ preventScroll: true });
    // Cells off the screen have the height that is remembered of them until they are drawn: look again.
    let looks = 4;
    const scroll = () => {
      if (first?.isConnected) scroller.scrollTop += first.getBoundingClientRect().top - scroller.getBoundingClientRect().top - offset;
      looks -= 1;
      if (looks) requestAnimationFrame(scroll);
    };
    scroll();
  };
}

/** @param {Element} cell @param {number} at @param {NotebookCells} cells @param {Record<string, string>} words */
function copied(cell, at, cells, words) {
  const copy = make("div");
  const text = notesOf(cells, at);
  if (cell.matches(".jp-MarkdownCell")) {
    const rendered = cell.querySelector(".jp-RenderedMarkdown");
    if (rendered) copy.append(plain(rendered));
    else if (text) void text.then((node) => copy.append(plain(node))); // folded: nothing of it is in the page
    return copy;
  }
  for (const output of cell.querySelectorAll(".jp-OutputArea-output")) {
    const said = output.querySelector(".pw-title")?.textContent || words.lecture_view;
    copy.append(output.querySelector(".pw-view, canvas, img, svg") ? make("p", { class: "lecture-view" }, said) : plain(output));
  }
  return copy;
}

/** A copy without what needs the notebook's style or place. @param {Element} rendered */
function plain(rendered) {
  const copy = /** @type {Element} */ (rendered.cloneNode(true));
  for (const formula of copy.querySelectorAll("mjx-container")) formula.replaceWith(...formula.querySelectorAll("math"));
  for (const link of copy.querySelectorAll(".jp-InternalAnchorLink, script, style")) link.remove();
  for (const named of [copy, ...copy.querySelectorAll("[id]")]) named.removeAttribute("id");
  return copy;
}
