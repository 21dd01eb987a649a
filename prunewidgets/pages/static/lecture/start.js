// Adds the lecture view to a page: its button, its keys, and the slide that the address names.
import { make } from "../../../widgets/static/page/elements.js";
import { plainKey } from "../../../widgets/static/page/keys.js";
import { Lecture } from "./lecture.js";
import { panelsOf } from "./panels.js";
import { speakerOf } from "./speaker.js";

/** @param {Record<string, string>} words */
export function offerLecture(words) {
  const main = document.querySelector("main");
  if (!main) return;
  const lecture = new Lecture(main, words);
  if (!lecture.slides.length) return;
  const panels = panelsOf(lecture);
  const full = () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else document.documentElement.requestFullscreen?.().catch(() => {}); // a page within another may not be allowed to
  };
  const start = () => {
    full();
    lecture.go(0);
  };
  main.before(make("p", { class: "lecture-start" }, make("button", { type: "button", title: words.lecture_start_title, click: start }, words.lecture_start)));

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
    s: () => openSpeaker(),
    f: full,
    "?": panels.showKeys,
    Escape: () => lecture.leave(),
  };
  /** @param {KeyboardEvent} event */
  const onKey = (event) => {
    if (!lecture.on || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    const key = plainKey(event);
    const use = actions[key.length === 1 ? key.toLowerCase() : key];
    if (panels.isBlack() && key && key !== "Shift") panels.black();
    else if (usedBy(event.target, key)) {
      if (key !== "Escape") return;
      main.focus({ preventScroll: true });
    } else if (key === " " && event.shiftKey) lecture.up();
    else if (use) use();
    else return;
    event.preventDefault();
  };
  const openSpeaker = speakerOf(lecture, onKey);
  document.addEventListener("keydown", onKey);
  if (main.hasAttribute("data-lecture") && !location.hash) lecture.go(0);
  else lecture.follow();
}

/** Whether a key belongs to the element that has the focus; Esc gives the keys back to the slides. @param {EventTarget | null} target @param {string} key */
function usedBy(target, key) {
  if (!target || !("closest" in target)) return false;
  const element = /** @type {Element} */ (target); // also one of the other window, which has classes of its own
  if (element.closest("input, select, textarea, [contenteditable]")) return true;
  if (key === "Escape") return Boolean(element.closest("[data-part]"));
  return (key === " " || key === "Enter") && Boolean(element.closest("button, summary, a"));
}
