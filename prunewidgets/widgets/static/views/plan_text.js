// Budgets as text: weights, kilobytes, thousands of multiply-adds.
import { grouped, say } from "../page/text.js";
/** @import { PlanUnit, View } from "../types.js" */

/** What one of the unit shown stands for. @type {Record<PlanUnit, number>} */
export const UNIT_SIZES = { weights: 1, bytes: 1000, multiply_adds: 1000 };

/** A number in the unit shown; whole weights, else three digits. @param {View} view @param {number} value @param {PlanUnit} unit */
export function inUnit(view, value, unit) {
  if (unit === "weights") return grouped(view, Math.floor(value));
  const shown = value / UNIT_SIZES[unit];
  return grouped(view, shown >= 100 ? Math.round(shown) : Number(shown.toPrecision(3)));
}

/** The same with its unit. @param {View} view @param {number} value @param {PlanUnit} unit */
export const amount = (view, value, unit) => say(view, `plan_amount_${unit}`, { n: inUnit(view, value, unit) });
