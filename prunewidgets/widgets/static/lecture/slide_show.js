// A lecture with all that belongs to it: what lies over its slides, the speaker's window, the keys.
import { keysOf } from "./keys.js";
import { Lecture } from "./lecture.js";
import { panelsOf } from "./panels.js";
import { speakerOf } from "./speaker.js";
/** @import { Stage } from "../types.js" */

/**
 * Returns the lecture, which shows nothing yet, and what handles its keys.
 * @param {Stage} stage @param {Record<string, string>} words @param {AbortSignal} signal ends with what shows the slides
 */
export function slideShow(stage, words, signal) {
  const lecture = new Lecture(stage, words);
  const panels = panelsOf(lecture, signal);
  const onKey = keysOf(lecture, panels, () => openSpeaker(), signal);
  const openSpeaker = speakerOf(lecture, onKey, signal);
  return { lecture, onKey };
}
