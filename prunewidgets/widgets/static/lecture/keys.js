// The keys of the slides.
import { plainKey } from "../page/keys.js";
/** @import { Lecture } from "./lecture.js" */
/** @import { panelsOf } from "./panels.js" */

/**
 * Returns what handles a key; it prevents the default of those that the slides use.
 * @param {Lecture} lecture @param {ReturnType<typeof panelsOf>} panels @param {() => void} openSpeaker @param {AbortSignal} signal
 */
export function keysOf(lecture, panels, openSpeaker, signal) {
  /** @type {Record<string, () => void>} */
  const actions = {
    ArrowRight: () => lecture.forward(),
    ArrowLeft: () => lecture.back(),
    ArrowDown: () => lecture.down(),
    ArrowUp: () => lecture.up(),
    PageDown: () => lecture.down(),
    PageUp: () => lecture.up(),
    " ": () => lecture.down(),
    Home: () => lecture.go(0),
    End: () => lecture.go(lecture.slides.length - 1, Number.POSITIVE_INFINITY),
    g: panels.jump,
    "/": panels.jump,
    c: panels.code,
    b: panels.black,
    ".": panels.black,
    l: panels.laser,
    s: openSpeaker,
    f: fullScreen,
    "?": panels.showKeys,
    Escape: () => lecture.leave(),
  };
  // A button that a press has disabled loses the focus: Esc is to be the slides' again, and not to end them.
  let handed = false;
  document.addEventListener("focusin", ({ target }) => (handed = usedBy(target, "Escape")), { signal });
  /** @param {KeyboardEvent} event */
  return (event) => {
    if (!lecture.on || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const key = plainKey(event);
    const use = actions[key.length === 1 ? key.toLowerCase() : key];
    if (panels.isBlack() && key && key !== "Shift") panels.black();
    else if (usedBy(event.target, key) || (handed && key === "Escape")) {
      if (key !== "Escape") return;
      handed = false;
      lecture.stage.main.focus({ preventScroll: true });
    } else if (key === " " && event.shiftKey) lecture.up();
    else if (use) use();
    else return;
    event.preventDefault();
  };
}

export function fullScreen() {
  if (document.fullscreenElement) void document.exitFullscreen();
  else document.documentElement.requestFullscreen?.().catch(() => {}); // a page within another may not be allowed to
}

/** Whether a key belongs to the element that has the focus; Esc gives the keys back to the slides. @param {EventTarget | null} target @param {string} key */
export function usedBy(target, key) {
  if (!target || !("closest" in target)) return false;
  const element = /** @type {Element} */ (target); // also one of the other window, which has classes of its own
  if (element.closest("input, select, textarea, [contenteditable], [role=slider]")) return true;
  if (key === "Escape") return Boolean(element.closest("[data-part], .pw-view, .jupyter-widgets"));
  return (key === " " || key === "Enter") && Boolean(element.closest("button, summary, a"));
}
