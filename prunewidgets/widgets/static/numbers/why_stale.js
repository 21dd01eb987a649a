// Why a number that the kernel has measured is stale: it belongs to other weights, or to another choice of which to remove.
/** @import { State } from "../types.js" */

/**
 * @param {Partial<State>} measured the state that the number was measured in
 * @param {State} shown the state that the page shows
 * @param {boolean} sampled whether the page has only a sample of the weights: without every count, equal thresholds have to be enough
 * @returns {"" | "weights" | "criterion" | "removed"} what differs; "" if the number is not stale
 */
export function whyStale(measured, shown, sampled) {
  if (measured.generation !== shown.generation) return "weights";
  if (measured.criterion !== shown.criterion) return "criterion";
  /** @type {(keyof State)[]} */
  const compared = sampled ? ["threshold", "thresholds"] : ["removed", "counts"];
  return compared.every((name) => String(measured[name]) === String(shown[name])) ? "" : "removed";
}
