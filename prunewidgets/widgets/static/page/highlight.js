// What the user points at, in all pictures of a view and of the views linked to it: a bar's weights in the heatmap, a
// cell's weight in the histogram. It belongs to the page alone; the kernel is not informed.
/** @import { Mark, View } from "../types.js" */

/** What a view sends to those linked to it. @typedef {{group: string, source: string, mark: Mark | null, before: Mark | null}} Marked */

/** Takes over what is marked in linked views. @param {View} view */
export function followHighlights(view) {
  const { model, signal, shared } = view;
  document.addEventListener(
    "prunewidgets:highlight",
    (event) => {
      const { group, source, mark, before } = /** @type {CustomEvent<Marked>} */ (event).detail;
      if (!group || group !== model.get("group") || source === view.id) return;
      if (mark || shared.mark === before) show(view, mark); // a mark is removed by the view that set it
    },
    { signal },
  );
}

/** Calls `work` whenever something else is marked, or nothing any more. @param {View} view @param {(mark: Mark | null) => void} work */
export function onHighlight(view, work) {
  view.shared.marking.push(work);
}

/** For a picture in which the user can point at something. @param {View} view */
export function marker(view) {
  /** What this picture has marked. @type {Mark | null} */
  let own = null;
  /** @param {Mark | null} mark */
  const put = (mark) => {
    const before = own;
    own = mark;
    show(view, mark);
    const group = view.model.get("group");
    if (!group) return;
    /** @type {Marked} */
    const detail = { group, source: view.id, mark, before };
    document.dispatchEvent(new CustomEvent("prunewidgets:highlight", { detail }));
  };
  /** Removes the mark, unless another picture has marked something since. */
  const clear = () => {
    if (own && view.shared.mark === own) put(null);
    own = null;
  };
  view.signal.addEventListener("abort", clear);
  return { put, clear, /** Whether this picture has marked what is marked. */ holds: () => own !== null && view.shared.mark === own };
}

/** @param {View} view @param {Mark | null} mark */
function show({ shared }, mark) {
  if (shared.mark === mark) return;
  shared.mark = mark;
  for (const work of shared.marking) work(mark);
}
