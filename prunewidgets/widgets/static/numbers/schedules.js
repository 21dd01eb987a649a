// The schedules of schedules.py, number for number: how sparse a network should be at each step of its training.

/**
 * @typedef {{kind: string, final: number, begin: number, end: number, power: number, share: number, total: number}} Settings
 */

/** Sparsity at a step. @param {Settings} settings */
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

/** How many rounds it takes to reach a sparsity if each removes a share of the survivors. */
export function roundsTo(final, share) {
  // Rounded, or 1 - 0.8² = 0.36 would take a third round, for an error in the last digit.
  return Math.max(1, Math.ceil(Number((Math.log1p(-final) / Math.log1p(-share)).toFixed(9))));
}

/** Which settings a kind of schedule uses, besides `final`. */
export const USED = { constant: [], one_shot: ["begin"], iterative: ["begin", "end", "share"], polynomial: ["begin", "end", "power"] };

/** The round number of steps nearest to `step`, as fine as dragging on an axis of `pixels` pixels can set it. */
export function roundStep(step, total, pixels) {
  const raw = total / Math.max(pixels, 1);
  const decade = 10 ** Math.floor(Math.log10(Math.max(raw, 1)));
  const unit = Math.max(1, decade * [1, 2, 5, 10].find((times) => decade * times >= raw));
  const nearest = Math.round(step / unit) * unit;
  return Math.min(Math.max(total - step < step - nearest || nearest > total ? total : nearest, 0), total);
}
