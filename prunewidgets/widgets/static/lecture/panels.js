// What lies over the slides: the line of buttons, the list to jump by, the keys, the black screen and the red dot.
import { make } from "../page/elements.js";
import { sentence, titleOf } from "./lecture.js";
/** @import { Lecture } from "./lecture.js" */

/** @param {Lecture} lecture @param {AbortSignal} signal ends with the lecture view */
export function panelsOf(lecture, signal) {
  const { words, stage } = lecture;
  const root = document.documentElement;
  const keys = keyList(words);
  const jump = jumpList(lecture);
  const black = make("div", { class: "lecture-black", hidden: true });
  const dot = make("div", { class: "lecture-dot", "aria-hidden": "true" });
  const place = make("button", { type: "button", title: words.lecture_place_title, click: jump.open });
  const button = (/** @type {string} */ key, /** @type {() => void} */ click) => make("button", { type: "button", click }, words[key]);
  const bar = make(
    "nav",
    { class: "lecture-bar", "aria-label": words.lecture_bar },
    button("lecture_back", () => lecture.back()),
    place,
    button("lecture_next", () => lecture.forward()),
    button("lecture_keys", () => keys.showModal()),
    button("lecture_leave", () => lecture.leave()),
  );
  stage.over(bar, keys, jump.dialog, black, dot);
  lecture.listeners.push(() => {
    place.textContent = sentence(words.lecture_place, { n: lecture.at + 1, all: lecture.slides.length });
  });
  document.addEventListener(
    "pointermove",
    ({ clientX, clientY }) => {
      dot.style.translate = `${clientX}px ${clientY}px`;
    },
    { signal },
  );
  const blacken = (/** @type {boolean} */ dark) => {
    black.hidden = !dark;
    stage.main.inert = dark;
    bar.inert = dark;
    lecture.say(dark ? words.lecture_black : words.lecture_shown);
  };
  /** Turns the code, or the dot, on or off. @param {string} name @param {string} on @param {string} off */
  const toggle = (name, on, off) => lecture.say(words[root.classList.toggle(name) ? on : off]);
  black.addEventListener("click", () => blacken(false));
  const isBlack = () => black.hidden === false;
  return {
    showKeys: () => keys.showModal(),
    jump: jump.open,
    black: () => blacken(!isBlack()),
    isBlack,
    code: () => toggle("lecture-code", "lecture_code_shown", "lecture_code_hidden"),
    laser: () => toggle("lecture-laser", "lecture_laser_on", "lecture_laser_off"),
  };
}

/** @param {Record<string, string>} words */
function keyList(words) {
  const lines = Object.keys(words)
    .filter((name) => name.startsWith("lecture_key_"))
    .map((name) => {
      const [key, what] = words[name].split(/: (.*)/);
      return make("div", {}, make("dt", {}, make("kbd", {}, key)), make("dd", {}, what));
    });
  return dialogOf("lecture_keys", words, make("dl", {}, ...lines));
}

/** @param {Lecture} lecture */
function jumpList(lecture) {
  const { words } = lecture;
  const field = make("input", { type: "search", autocomplete: "off" });
  const list = make("ul");
  /** @type {{at: number, text: string, element: HTMLLIElement}[]} */
  let rows = [];
  const go = (/** @type {number} */ at) => {
    dialog.close();
    lecture.go(at);
  };
  const fits = () => {
    const asked = field.value.trim().toLowerCase();
    return rows.filter(({ at, text }) => (/^\d+$/.test(asked) ? String(at + 1).startsWith(asked) : text.toLowerCase().includes(asked)));
  };
  const filter = () => {
    const shown = fits();
    for (const row of rows) row.element.hidden = !shown.includes(row);
  };
  field.addEventListener("input", filter);
  field.addEventListener("keydown", (event) => {
    const [first] = fits();
    if (event.key === "Enter" && first) go(first.at);
  });
  const dialog = dialogOf("lecture_jump", words, make("label", {}, words.lecture_find, field), list);
  const open = () => {
    rows = lecture.slides.map(({ sub }, at) => {
      const text = `${at + 1} · ${titleOf(lecture, at)}`;
      const button = make("button", { type: "button", "aria-current": at === lecture.at ? "true" : null, click: () => go(at) }, text);
      return { at, text, element: make("li", { class: sub ? "lecture-sub" : null }, button) };
    });
    list.replaceChildren(...rows.map(({ element }) => element));
    field.value = "";
    dialog.showModal();
    field.focus();
  };
  return { dialog, open };
}

/** A dialog with a heading and a button that closes it; Esc does too. @param {string} key @param {Record<string, string>} words @param {...Node} content */
function dialogOf(key, words, ...content) {
  const heading = make("h2", { id: `lecture-title-${key}` }, words[key]);
  const dialog = make("dialog", { class: "lecture-dialog", "aria-labelledby": heading.id }, heading, ...content);
  dialog.append(make("button", { type: "button", click: () => dialog.close() }, words.lecture_close));
  return dialog;
}
