// The lecture view: the cells of a page or a notebook as slides, one at a time, with the views alive as they are in reading.
import { make } from "../page/elements.js";
import { slidesOf, titleIn } from "./slides.js";
/** @import { Slide, Stage } from "../types.js" */

const OVERLAP = 0.15; // of the screen, when a long slide is scrolled

/** Where the lecture is, and how it gets elsewhere; panels and windows listen to it. */
export class Lecture {
  /** @param {Stage} stage what has the cells @param {Record<string, string>} words */
  constructor(stage, words) {
    this.stage = stage;
    this.words = words;
    /** @type {Slide[]} */
    this.slides = slidesOf(stage.cells());
    this.on = false;
    this.at = 0;
    this.step = 0;
    this.started = 0;
    /** Called after every change. @type {(() => void)[]} */
    this.listeners = [];
    this.status = make("div", { class: "pw-spoken", role: "status" });
    this.heading = make("h2", { class: "lecture-heading" });
    this.title = make("h1", { class: "lecture-title pw-spoken" }, stage.title); // of slides without one, to be heard
    stage.above(this.title, this.heading);
    stage.over(this.status);
  }

  /** Shows a slide, with its steps up to one of them. @param {number} at @param {number} step */
  go(at, step = 0) {
    const { main, scroller, root } = this.stage;
    const entered = !this.on;
    if (entered) this.stage.entered();
    this.on = true;
    const before = entered ? -1 : this.at;
    this.at = Math.min(Math.max(at, 0), this.slides.length - 1);
    const slide = this.slides[this.at];
    this.step = Math.min(Math.max(step, 0), slide.steps.length - 1);
    document.documentElement.classList.add("lecture");
    const shown = new Set(slide.steps.slice(0, this.step + 1).flat());
    for (const { element } of this.stage.cells()) element.classList.toggle("lecture-off", !shown.has(element));
    const titled = [...root.querySelectorAll("h1")].some((each) => each !== this.title && each.checkVisibility());
    this.title.classList.toggle("lecture-off", titled);
    this.heading.textContent = slide.heading;
    main.dataset.slideNumber = String(this.at + 1);
    // Few words and nothing else are set larger.
    main.classList.toggle(
      "lecture-words",
      slide.steps.flat().every((cell) => this.stage.isWords(cell)),
    );
    main.tabIndex = -1;
    this.started ||= Date.now();
    if (before !== this.at) {
      scroller.scrollTo({ top: 0, behavior: "instant" });
      if (!document.activeElement?.closest(".lecture-bar")) main.focus({ preventScroll: true });
      this.say(this.titled("lecture_said"));
    } else {
      // All of the step, or its beginning where it is taller than the screen. At once: a second smooth scroll ends the first.
      for (const cell of [...slide.steps[this.step]].reverse()) cell.scrollIntoView({ block: "nearest", behavior: "instant" });
    }
    this.changed();
  }

  /** Sets the clock to zero. */
  restart() {
    this.started = Date.now();
    this.changed();
  }

  leave() {
    if (!this.on) return;
    const { main } = this.stage;
    this.on = false;
    this.started = 0;
    document.documentElement.classList.remove("lecture", "lecture-code", "lecture-laser");
    for (const { element } of this.stage.cells()) element.classList.remove("lecture-off");
    main.classList.remove("lecture-words");
    this.heading.textContent = "";
    main.removeAttribute("tabindex");
    delete main.dataset.slideNumber;
    if (document.fullscreenElement) void document.exitFullscreen();
    this.changed();
    this.stage.left(this.slides[this.at]);
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
    const { scroller } = this.stage;
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    if (scrollTop + clientHeight < scrollHeight - 2 && this.hasMoreBelow()) scroller.scrollBy({ top: (1 - OVERLAP) * clientHeight });
    else this.forward();
  }

  /** Whether a cell of the slide goes on below the screen: a margin alone takes no press of its own. */
  hasMoreBelow() {
    const shown = this.slides[this.at].steps.slice(0, this.step + 1).flat();
    const end = document.querySelector(".lecture-bar")?.getBoundingClientRect().top ?? innerHeight;
    return shown.some((cell) => cell.getBoundingClientRect().bottom > end + 1);
  }

  up() {
    const { scroller } = this.stage;
    if (scroller.scrollTop > 2) scroller.scrollBy({ top: -(1 - OVERLAP) * scroller.clientHeight });
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

  changed() {
    for (const each of this.listeners) each();
  }
}

/** What a slide is called. @param {Lecture} lecture @param {number} at */
export const titleOf = ({ slides, words }, at) => titleIn(slides[at]) || sentence(words.lecture_untitled, { n: at + 1 });

/** Puts values into a sentence. @param {string} text @param {Record<string, string | number>} values */
export const sentence = (text, values) => text.replaceAll(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
