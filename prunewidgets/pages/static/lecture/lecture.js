// The lecture view: the page's own cells as slides, one at a time, with the views alive as they are in reading.
import { make } from "../../../widgets/static/page/elements.js";
import { slidesOf, titleIn } from "./slides.js";
/** @import { Slide } from "../types.js" */

const ADDRESS = /^#\/(\d+)(?:\/(\d+))?$/; // #/3/2: third slide, second step
const OVERLAP = 0.15; // of the screen, when a long slide is scrolled

/** Where the lecture is, and how it gets elsewhere; panels and windows listen to it. */
export class Lecture {
  /** @param {HTMLElement} main what has the cells @param {Record<string, string>} words */
  constructor(main, words) {
    this.main = main;
    this.words = words;
    /** @type {Slide[]} */
    this.slides = slidesOf(main);
    this.on = false;
    this.at = 0;
    this.step = 0;
    this.started = Number(history.state?.lectureStarted) || 0; // a reload does not set the clock back
    /** Called after every change. @type {(() => void)[]} */
    this.listeners = [];
    this.status = make("div", { class: "pw-spoken", role: "status" });
    this.heading = make("h2", { class: "lecture-heading" });
    this.title = make("h1", { class: "lecture-title pw-spoken" }, document.title); // of slides without one, to be heard
    main.prepend(this.title, this.heading);
    main.after(this.status);
    window.addEventListener("hashchange", () => this.follow());
  }

  /** Goes where the address says: to a slide, or to the slide with an element. Reading, it changes nothing but for a slide's address. */
  follow() {
    const found = ADDRESS.exec(location.hash);
    if (found) this.go(Number(found[1]) - 1, Number(found[2] ?? 1) - 1);
    else if (this.on) {
      const target = document.getElementById(decoded(location.hash.slice(1)));
      const at = target ? this.slides.findIndex(({ steps }) => steps.flat().some((cell) => cell.contains(target))) : -1;
      if (at >= 0) this.go(at, this.slides[at].steps.length - 1);
      else if (target) {
        this.leave();
        target.scrollIntoView();
      }
    }
  }

  /** Shows a slide, with its steps up to one of them. @param {number} at @param {number} step */
  go(at, step = 0) {
    const entered = !this.on;
    this.on = true;
    this.at = Math.min(Math.max(at, 0), this.slides.length - 1);
    const slide = this.slides[this.at];
    const before = entered ? -1 : Number(this.main.dataset.slideNumber) - 1;
    this.step = Math.min(Math.max(step, 0), slide.steps.length - 1);
    document.documentElement.classList.add("lecture");
    const shown = new Set(slide.steps.slice(0, this.step + 1).flat());
    for (const cell of this.main.children) cell.classList.toggle("lecture-off", cell !== this.heading && !shown.has(cell));
    const titled = [...document.querySelectorAll("h1")].some((each) => each !== this.title && each.checkVisibility());
    this.title.classList.toggle("lecture-off", titled);
    this.heading.textContent = slide.heading;
    this.main.dataset.slideNumber = String(this.at + 1);
    // Few words and nothing else are set larger.
    this.main.classList.toggle("lecture-words", !slide.steps.flat().some((cell) => !cell.matches(".cell-prose") || cell.querySelector("pre, table, img, svg")));
    this.main.tabIndex = -1;
    this.started ||= Date.now();
    this.remember();
    if (before !== this.at) {
      window.scrollTo({ top: 0, behavior: "instant" });
      if (!document.activeElement?.closest(".lecture-bar")) this.main.focus({ preventScroll: true });
      this.say(this.titled("lecture_said"));
    } else slide.steps[this.step][0]?.scrollIntoView({ block: "nearest" });
    for (const changed of this.listeners) changed();
  }

  /** Keeps the slide in the address. */
  remember() {
    const address = `#/${this.at + 1}${this.step ? `/${this.step + 1}` : ""}`;
    history.replaceState({ lectureStarted: this.started }, "", address);
  }

  /** Sets the clock to zero. */
  restart() {
    this.started = Date.now();
    this.remember();
    for (const changed of this.listeners) changed();
  }

  leave() {
    const first = this.slides[this.at].steps[0][0];
    this.on = false;
    this.started = 0;
    document.documentElement.classList.remove("lecture", "lecture-code", "lecture-laser");
    for (const cell of this.main.children) cell.classList.remove("lecture-off");
    this.main.classList.remove("lecture-words");
    this.heading.textContent = "";
    this.main.removeAttribute("tabindex");
    history.replaceState(null, "", location.href.replace(/#.*$/, ""));
    if (document.fullscreenElement) void document.exitFullscreen();
    for (const changed of this.listeners) changed();
    first?.scrollIntoView();
  }

  forward() {
    if (this.step + 1 < this.slides[this.at].steps.length) this.go(this.at, this.step + 1);
    else if (this.at + 1 < this.slides.length) this.go(this.at + 1);
  }

  back() {
    if (this.step) this.go(this.at, this.step - 1);
    else if (this.at) this.go(this.at - 1, this.slides[this.at - 1].steps.length - 1);
  }

  /** Scrolls a slide that is taller than the screen, or goes on. */
  down() {
    const { scrollHeight, clientHeight } = document.documentElement;
    if (scrollY + clientHeight < scrollHeight - 2) window.scrollBy({ top: (1 - OVERLAP) * clientHeight });
    else this.forward();
  }

  up() {
    if (scrollY > 2) window.scrollBy({ top: -(1 - OVERLAP) * document.documentElement.clientHeight });
    else this.back();
  }

  /** Says something to screen readers; a warning is also seen. @param {string} text @param {boolean} seen */
  say(text, seen = false) {
    this.status.className = seen ? "lecture-said" : "pw-spoken";
    this.status.textContent = text;
  }

  /** A sentence about this slide. @param {string} key */
  titled(key) {
    return sentence(this.words[key], { n: this.at + 1, all: this.slides.length, title: titleOf(this, this.at) });
  }
}

/** What a slide is called. @param {Lecture} lecture @param {number} at */
export const titleOf = ({ slides, words }, at) => titleIn(slides[at]) || sentence(words.lecture_untitled, { n: at + 1 });

/** Puts values into a sentence. @param {string} text @param {Record<string, string | number>} values */
export const sentence = (text, values) => text.replaceAll(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));

/** @param {string} fragment */
function decoded(fragment) {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
