// What JupyterLab knows of a notebook's cells and its page does not show: slide types, and the text of folded notes.
/** @import { HostModel, NotebookCells, StageCell } from "../types.js" */

/** As pages/slides.py has them. */
const TYPES = ["slide", "subslide", "fragment", "skip", "notes"];
const GUESS = /^guess\w* = /m;

/**
 * The cells of the notebook that a view is in, unsaved changes included; null where the host does not tell.
 * @param {HostModel} model @returns {NotebookCells}
 */
export function cellsOf({ widget_manager: manager }) {
  const list = manager?.context?.model?.cells;
  if (!list) return null;
  return {
    get length() {
      return list.length;
    },
    type: (at) => String(list.get(at).getMetadata("slideshow")?.slide_type ?? ""),
    text: (at) => list.get(at).sharedModel.getSource(),
    render: manager.rendermime && ((text) => rendered(manager.rendermime, text)),
  };
}

/** Markdown as the notebook itself shows it, made safe by the host. @param {NonNullable<HostModel["widget_manager"]>["rendermime"]} rendermime @param {string} text */
async function rendered(rendermime, text) {
  const renderer = rendermime?.createRenderer("text/markdown");
  await renderer?.renderModel(rendermime?.createModel({ data: { "text/markdown": text }, trusted: false }));
  return renderer?.node ?? document.createElement("div");
}

/**
 * The type of each cell; without any, each heading of the second level begins a slide. The cell that shows the view
 * which starts the lecture is left out.
 * @param {HTMLElement[]} elements @param {NotebookCells} cells @param {Element} el @returns {StageCell[]}
 */
export function typesOf(elements, cells, el) {
  const given = elements.map((_, at) => cells?.type(at) ?? "").map((type) => (TYPES.includes(type) ? type : ""));
  const headings = !given.some(Boolean);
  return elements.map((element, at) => {
    const type = headings && element.querySelector(".jp-RenderedMarkdown h2") ? "slide" : given[at];
    return { element, type: element.contains(el) ? "skip" : type };
  });
}

/** A note as an element, or nothing where the host does not tell. @param {NotebookCells} cells @param {number} at */
export const notesOf = (cells, at) => cells?.render?.(cells.text(at));

/** Whether a cell waits for a guess, which is typed into its code. @param {NotebookCells} cells @param {number} at */
export const guessCell = (cells, at) => GUESS.test(cells?.text(at) ?? "");
