// The speaker's window: notes, what comes next, and the time. The page opens and fills it by itself, which works from a file too.
import { make } from "../page/elements.js";
import { sentence, titleOf } from "./lecture.js";
/** @import { Lecture } from "./lecture.js" */

const SIZE = "popup,width=1000,height=760";

/** Returns what opens the window. @param {Lecture} lecture @param {(event: KeyboardEvent) => void} onKey @param {AbortSignal} signal */
export function speakerOf(lecture, onKey, signal) {
  const { words } = lecture;
  /** @type {Window | null} */
  let other = null;
  const open = () => {
    if (other && !other.closed) return other.focus();
    other = window.open("", "", SIZE);
    if (!other) return lecture.say(words.lecture_speaker_blocked, true);
    fill(other, lecture);
    other.addEventListener("keydown", onKey);
    lecture.say(words.lecture_speaker_open);
  };
  window.addEventListener("pagehide", () => other?.close(), { signal });
  lecture.listeners.push(() => {
    if (!lecture.on) other?.close();
  });
  return open;
}

/** @param {Window} other @param {Lecture} lecture */
function fill(other, lecture) {
  const { words, stage } = lecture;
  const page = other.document;
  page.title = sentence(words.lecture_speaker, { title: stage.title });
  page.documentElement.lang = document.documentElement.lang;
  // The page's policy holds there too, and allows this style by its digest.
  const style = make("style");
  style.textContent = stage.style();
  page.head.append(style, make("meta", { name: "color-scheme", content: "light dark" }));
  const [place, clock, elapsed] = [make("h1"), make("b"), make("b")];
  const [notes, coming] = [make("div"), make("div")];
  const comingTitle = make("h2");
  const button = (/** @type {string} */ key, /** @type {() => void} */ click) => make("button", { type: "button", click }, words[key]);
  const times = make("p", {}, `${words.lecture_time} `, clock, ` ${words.lecture_elapsed} `, elapsed);
  const buttons = make(
    "p",
    {},
    button("lecture_back", () => lecture.back()),
    button("lecture_next", () => lecture.forward()),
    button("lecture_restart", () => lecture.restart()),
  );
  page.body.className = "lecture-speaker";
  page.body.append(
    make("header", {}, place, times, buttons),
    make("main", { class: "page-notebook" }, make("section", {}, make("h2", {}, words.lecture_notes), notes), make("section", {}, comingTitle, coming)),
  );
  const tick = () => {
    clock.textContent = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    elapsed.textContent = minutes(Date.now() - lecture.started);
  };
  const show = () => {
    if (other.closed || !lecture.on) return;
    place.textContent = lecture.titled("lecture_said");
    const mine = lecture.slides[lecture.at].notes.filter(({ step }) => step <= lecture.step).map(({ cell }) => stage.copied(cell));
    notes.replaceChildren(...(mine.length ? mine : [make("p", {}, words.lecture_no_notes)]));
    const { key, title, cells, notes: ahead } = next(lecture);
    comingTitle.textContent = words[key];
    const copies = (/** @type {Element[]} */ all) => all.map((cell) => stage.copied(cell));
    coming.replaceChildren(...(title ? [make("p", { class: "lecture-coming" }, title)] : []), ...copies(cells));
    // “Ask before you show it” has to be read before it shows.
    if (ahead.length) coming.append(make("h2", {}, words.lecture_coming_notes), ...copies(ahead));
    tick();
  };
  lecture.listeners.push(show);
  show();
  other.setInterval(tick, 500);
}

/** What comes next, with its notes. @param {Lecture} lecture @returns {{key: string, title: string, cells: Element[], notes: Element[]}} */
function next(lecture) {
  const { slides, at, step } = lecture;
  const of = (/** @type {number} */ slide, /** @type {number} */ part) => ({
    cells: slides[slide].steps[part],
    notes: slides[slide].notes.filter((note) => note.step === part).map(({ cell }) => cell),
  });
  if (step + 1 < slides[at].steps.length) return { key: "lecture_coming_same", title: "", ...of(at, step + 1) };
  if (at + 1 === slides.length) return { key: "lecture_end", title: "", cells: [], notes: [] };
  return { key: "lecture_coming", title: slides[at + 1].heading && titleOf(lecture, at + 1), ...of(at + 1, 0) };
}

/** @param {number} milliseconds */
function minutes(milliseconds) {
  const seconds = Math.max(Math.floor(milliseconds / 1000), 0);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
