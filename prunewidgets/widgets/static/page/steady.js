// Text with room kept for its longest form: nothing beside or below it moves when a number in it grows.
import { make, write } from "./elements.js";

/**
 * An element that is never smaller than the longest text it was made for; an invisible copy of that text keeps the room.
 * @param {string} classes @param {HTMLElement} inner what holds the text
 */
export function steady(classes, inner = make("span")) {
  const element = make("span", { class: `pw-steady ${classes}` }, inner);
  return {
    element,
    /** @param {string} text */
    write: (text) => write(inner, text),
    /** @param {string} longest */
    reserve: (longest) => {
      if (element.dataset.room !== longest) element.dataset.room = longest;
    },
  };
}
