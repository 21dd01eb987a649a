// The lecture: a button that shows the notebook around it as slides, its views alive.
import { fullScreen, usedBy } from "../lecture/keys.js";
import { cellsOf } from "../lecture/notebook_cells.js";
import { notebookStage } from "../lecture/notebook_stage.js";
import { slideShow } from "../lecture/slide_show.js";
import { make, write } from "../page/elements.js";
import { say } from "../page/text.js";
import { renderer } from "../page/view.js";
/** @import { View } from "../types.js" */
/** @import { Lecture } from "../lecture/lecture.js" */

export const lecture = renderer((/** @type {View} */ view, host) => {
  const words = view.model.get("words");
  const cells = cellsOf(host);
  const style = String(host.get("_css") ?? "");
  const note = make("div", { class: "pw-note", role: "alert" });
  /** The lecture that is on, and what ends it. @type {{lecture: Lecture, end: () => void} | null} */
  let now = null;
  const stageOf = () => notebookStage(view.el, cells, style, words, () => now?.lecture.leave());

  const start = () => {
    const stage = stageOf();
    if (now || typeof stage === "string") return write(note, typeof stage === "string" ? words[stage] : "");
    const ended = new AbortController();
    const { lecture, onKey } = slideShow(stage, words, ended.signal);
    if (!lecture.slides.length) return write(note, words.lecture_nothing);
    write(note, "");
    now = { lecture, end: () => ended.abort() };
    lecture.listeners.push(() => {
      if (lecture.on) return;
      now?.end();
      now = null;
    });
    keepKeys(onKey, ended.signal);
    lecture.go(0);
    if (!document.fullscreenElement) fullScreen();
  };
  view.signal.addEventListener("abort", () => now?.lecture.leave());
  view.el.append(
    make(
      "section",
      { role: "group", "aria-label": words.lecture_jupyter },
      make("div", { class: "pw-row" }, make("button", { type: "button", class: "pw-button pw-strong", click: start }, say(view, "lecture_jupyter_start"))),
      make("div", { class: "pw-soft" }, say(view, "lecture_jupyter_how")),
      note,
    ),
  );
});

/**
 * Gives keys to the slides before the notebook hears them: of its own, only those remain that run a cell or are typed into a field.
 * @param {(event: KeyboardEvent) => void} onKey @param {AbortSignal} signal
 */
function keepKeys(onKey, signal) {
  /** @param {KeyboardEvent} event */
  const handle = (event) => {
    const used = event.defaultPrevented;
    onKey(event);
    if (used || document.querySelector("dialog[open]")) return;
    if (event.defaultPrevented || !(usedBy(event.target, event.key) || runsCell(event))) event.stopImmediatePropagation();
  };
  // After the views: they have listeners of their own at the window, those of a cell that has just run since a moment ago.
  const listen = () => {
    window.removeEventListener("keydown", handle, { capture: true });
    window.addEventListener("keydown", handle, { capture: true, signal });
  };
  window.addEventListener("focusin", listen, { capture: true, signal });
  listen();
}

/** Whether a key runs a cell on the slide. @param {KeyboardEvent} event */
function runsCell({ key, target, shiftKey, ctrlKey, altKey }) {
  return key === "Enter" && (shiftKey || ctrlKey) && !altKey && target instanceof Element && Boolean(target.closest(".jp-CodeCell:not(.lecture-off)"));
}
