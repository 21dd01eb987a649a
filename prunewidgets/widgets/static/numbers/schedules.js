// The schedules of schedules.py, number for number: how sparse a network should be at each step of its training.
import { roundStepOf } from "./round_steps.js";
/** @import { Settings } from "../types.js" */

/** Sparsity at a step. @param {Settings} settings @param {number} step */
export function scheduledSparsity({ kind, final, begin, end, power, share }, step) {
  if (kind === "constant") return final;
  if (step < begin) return 0;
  if (kind === "one_shot" || step >= end) return final;
  if (kind === "iterative") {
    const rounds = roundsTo(final, share);
    const done = 1 + Math.floor(((step - begin) * (rounds - 1)) / (end - begin)); // the last one is at `end`
    return done < rounds ? 1 - (1 - share) ** done : 0;
  }
  const left = 1 - (step - begin) / (end - begin);
  return final - final * left ** power;
}

/** How many rounds it takes to reach a sparsity if each removes a share of the survivors. @param {number} final @param {number} share */
export function roundsTo(final, share) {
  // Rounded, or 1 - 0.8² = 0.36 would take a third round, for an error in the last digit.
  return Math.max(1, Math.ceil(Number((Math.log1p(-final) / Math.log1p(-share)).toFixed(9))));
}

/**
 * How many different steps prune: rounds fall together where there are fewer steps than rounds.
 * @param {Settings} settings of kind "iterative"
 */
const jumpsOf = ({ final, share, begin, end }) => Math.min(roundsTo(final, share), end - begin + 1);

/**
 * What a schedule does, as it is drawn: the key of the words, and the counts in them.
 * @param {Settings} settings
 * @returns {{key: string, rounds?: number, jumps?: number}}
 */
export function explanationOf(settings) {
  const { kind, final, begin, end, power, total } = settings;
  if (final === 0) return { key: "nothing_removed" };
  if (kind === "constant") return { key: "constant_explained" };
  if (kind === "one_shot") return { key: begin === 0 ? "one_shot_first" : begin === total ? "one_shot_last" : "one_shot_explained" };
  if (kind === "iterative") {
    const [rounds, jumps] = [roundsTo(final, settings.share), jumpsOf(settings)];
    if (rounds === 1) return { key: "one_round" };
    return { key: jumps === 1 ? "rounds_at_once" : jumps < rounds ? "rounds_together" : "iterative_explained", rounds, jumps };
  }
  if (begin === end) return { key: "polynomial_at_once" };
  return { key: power > 1 ? "polynomial_explained" : power === 1 ? "polynomial_straight" : "polynomial_late" };
}

/** Which settings a kind of schedule uses, besides `final`. @type {Record<Settings["kind"], string[]>} */
export const USED = { constant: [], one_shot: ["begin"], iterative: ["begin", "end", "share"], polynomial: ["begin", "end", "power"] };

/** A setting that is a step, shown as a mark. @typedef {"begin" | "end"} Mark */

/** @type {Mark[]} */
export const MARKS = ["begin", "end"];

/**
 * Corners of the line over the steps: [step, sparsity]. Rounds are jumps, a polynomial is smooth.
 * @param {Settings} settings @param {number} most how many points the line can show
 * @returns {[step: number, sparsity: number][]}
 */
export function outline(settings, most) {
  const { total, kind, begin, end } = settings;
  const count = Math.min(total, most);
  const steps = Array.from({ length: count + 1 }, (_, i) => Math.round((i / count) * total));
  // Also exactly where it jumps or bends, since a column of pixels may stand for many steps.
  const bends = MARKS.filter((name) => USED[kind].includes(name))
    .flatMap((name) => [settings[name] - 1, settings[name]])
    .filter((step) => step > 0 && step <= total);
  /** @type {[number, number][]} */
  const points = kind !== "constant" && begin === 0 ? [[0, 0]] : []; // what goes at the first step is a jump too
  for (const step of [...new Set([...steps, ...bends])].sort((a, b) => a - b)) {
    const sparsity = scheduledSparsity(settings, step);
    const before = points.at(-1);
    const smooth = kind === "polynomial" && step > begin && end > begin;
    if (before && !smooth && before[1] !== sparsity) points.push([step, before[1]]);
    points.push([step, sparsity]);
  }
  return points;
}

/** The round number of steps nearest to `step`, as fine as dragging on an axis of `pixels` pixels can set it. @param {number} step @param {number} total @param {number} pixels */
export function roundStep(step, total, pixels) {
  const raw = total / Math.max(pixels, 1);
  const decade = 10 ** Math.floor(Math.log10(Math.max(raw, 1)));
  const unit = Math.max(1, roundStepOf(decade, raw));
  const nearest = Math.round(step / unit) * unit;
  return Math.min(Math.max(total - step < step - nearest || nearest > total ? total : nearest, 0), total);
}
