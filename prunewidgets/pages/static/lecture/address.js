// The slide in the page's address: #/3/2 is the third slide with its second step.
/** @import { Lecture } from "../../../widgets/static/lecture/lecture.js" */

const ADDRESS = /^#\/(\d+)(?:\/(\d+))?$/;

/** Keeps the slide in the address; returns what goes where the address says. @param {Lecture} lecture */
export function keepAddress(lecture) {
  lecture.started = Number(history.state?.lectureStarted) || 0; // a reload does not set the clock back
  lecture.listeners.push(() => {
    const { at, step, started, on } = lecture;
    if (on) history.replaceState({ lectureStarted: started }, "", `#/${at + 1}${step ? `/${step + 1}` : ""}`);
    else history.replaceState(null, "", location.href.replace(/#.*$/, ""));
  });
  /** To a slide, or to the slide with an element. Reading, it changes nothing but for a slide's address. */
  const follow = () => {
    const found = ADDRESS.exec(location.hash);
    if (found) lecture.go(Number(found[1]) - 1, Number(found[2] ?? 1) - 1);
    else if (lecture.on) {
      const target = document.getElementById(decoded(location.hash.slice(1)));
      const at = target ? lecture.slides.findIndex(({ steps }) => steps.flat().some((cell) => cell.contains(target))) : -1;
      if (at >= 0) lecture.go(at, lecture.slides[at].steps.length - 1);
      else if (target) {
        lecture.leave();
        target.scrollIntoView();
      }
    }
  };
  window.addEventListener("hashchange", follow);
  return follow;
}

/** @param {string} fragment */
function decoded(fragment) {
  try {
    return decodeURIComponent(fragment);
  } catch {
    return fragment;
  }
}
