// Adds the lecture view to a page: its button, its keys, and the slide that the address names.
import { make } from "../../../widgets/static/page/elements.js";
import { fullScreen } from "../../../widgets/static/lecture/keys.js";
import { slideShow } from "../../../widgets/static/lecture/slide_show.js";
import { slidesOf } from "../../../widgets/static/lecture/slides.js";
import { keepAddress } from "./address.js";
import { pageStage } from "./page_stage.js";

/** @param {Record<string, string>} words */
export function offerLecture(words) {
  const main = document.querySelector("main");
  if (!main) return;
  const stage = pageStage(main, words);
  if (!slidesOf(stage.cells()).length) return;
  const { lecture, onKey } = slideShow(stage, words, new AbortController().signal);
  const start = () => {
    fullScreen();
    lecture.go(0);
  };
  main.before(make("p", { class: "lecture-start" }, make("button", { type: "button", title: words.lecture_start_title, click: start }, words.lecture_start)));
  document.addEventListener("keydown", onKey);
  const follow = keepAddress(lecture);
  if (main.hasAttribute("data-lecture") && !location.hash) lecture.go(0);
  else follow();
}
