// What a view shows as the value of a model: the accuracy, or another measure with its own name, range and direction.
import { make } from "./elements.js";
import { number, percent, say } from "./text.js";
/** @import { Measure, View } from "../types.js" */

/** The measure of a view; the accuracy if it names none. @param {View<any>} view @returns {Measure} */
export function measureOf(view) {
  const { name = "", direction = null, share = true } = view.model.get("measure") ?? {};
  return { name, direction, share };
}

/** A value as text: a share in per cent, else a number of four digits or more. @param {View<any>} view @param {number} value @param {number} [least] decimals of a share */
export const valueText = (view, value, least = 2) => (measureOf(view).share ? percent(view, value, least) : number(view, value));

/**
 * A sentence about the accuracy, or the same about another measure.
 * @param {View<any>} view @param {[accuracy: string, other: string]} keys of words.py @param {Record<string, unknown>} [values]
 */
export function sayOf(view, [accuracy, other], values = {}) {
  const { name } = measureOf(view);
  return name ? say(view, other, { ...values, measure: name }) : say(view, accuracy, values);
}

/** What a title is made of: its text, and softly which values are better. @param {View<any>} view @param {string} text @returns {(string | HTMLElement)[]} */
export function titleParts(view, text) {
  const better = betterText(view);
  return better ? [text, make("span", { class: "pw-soft pw-better" }, ` · ${better}`)] : [text];
}

/** Which values are better, in words; nothing about the accuracy, where that is plain. @param {View<any>} view */
export function betterText(view) {
  const { name, direction } = measureOf(view);
  return name && direction ? say(view, direction === "min" ? "lower_is_better" : "higher_is_better") : "";
}
