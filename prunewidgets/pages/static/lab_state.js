// What a lab in a page shows now, and moving it as its kernel would.
import { Layers } from "../../widgets/static/numbers/layers.js";
import { roundHalfEven } from "../../widgets/static/numbers/ranking.js";
/** @import { LabTraits, Model, State } from "../../widgets/static/types.js" */

/** @typedef {Model<LabTraits>} Lab */

/** τ of a layer. @param {Lab} lab @param {string} name */
function thresholdOf(lab, name) {
  const own = lab.get("scope") === "layer" ? lab.get("thresholds") : {};
  return Object.hasOwn(own, name) ? own[name] : lab.get("threshold");
}

/** What an accuracy measured now belongs to. @param {Lab} lab @param {number[]} thresholds @returns {State & {counts: number[], thresholds: number[]}} */
export function stateOf(lab, thresholds = Layers.of(lab).list.map(({ name }) => thresholdOf(lab, name))) {
  const layers = Layers.of(lab);
  const counts = layers.list.map(({ name }, n) => layers.ranking(name).removed(thresholds[n]));
  return { generation: lab.get("generation"), criterion: lab.get("criterion"), counts, thresholds };
}

/** The thresholds of all layers that give a sparsity, or the nearest one that can be reached. @param {Lab} lab @param {number} sparsity */
export function thresholdsFor(lab, sparsity) {
  const layers = Layers.of(lab);
  /** @param {string} name */
  const reaching = (name) => layers.ranking(name).thresholdFor(roundHalfEven(sparsity * layers.ranking(name).total));
  if (lab.get("scope") === "layer") return layers.list.map(({ name }) => reaching(name));
  return layers.list.map(() => reaching(""));
}

/** The share of all weights that is removed. @param {Lab} lab @param {{counts: number[]}} state */
export const sparsityOf = (lab, { counts }) => counts.reduce((a, b) => a + b, 0) / Layers.of(lab).total;

/** Moves a lab, and the views linked to it, to the thresholds of its layers. @param {Lab} lab @param {number[]} thresholds */
export function moveLab(lab, thresholds) {
  const names = Layers.of(lab).list.map(({ name }) => name);
  const separate = lab.get("scope") === "layer";
  if (separate) lab.set("thresholds", Object.fromEntries(names.map((name, n) => [name, thresholds[n]])));
  const threshold = thresholds[separate ? Math.max(0, names.indexOf(lab.get("layer"))) : 0];
  lab.set("threshold", threshold);
  lab.set("sparsity", sparsityOf(lab, stateOf(lab)));
  const group = lab.get("group");
  if (group) document.dispatchEvent(new CustomEvent("prunewidgets:threshold", { detail: { group, source: "page", threshold, byHand: false } }));
}
