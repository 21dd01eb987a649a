// The ledger's numbers as text: in units that fit, and compared with the dense model.
import { grouped, say } from "../page/text.js";
/** @import { Cost, View } from "../types.js" */

const UNIT_STEPS = { bytes: [1, 1e3, 1e6, 1e9, 1e12], memory: [1, 1e3, 1e6, 1e9, 1e12], seconds: [1e-6, 1e-3, 1] };
const UNIT_NAMES = { bytes: ["B", "kB", "MB", "GB", "TB"], memory: ["B", "kB", "MB", "GB", "TB"], seconds: ["µs", "ms", "s"] };
/** @typedef {keyof typeof COMPARED} Unit */

/** For each unit: the words for less, more and the same, and for an exact number. */
const COMPARED = {
  weights: ["times_fewer", "times_more", "no_fewer", "exact_weights"],
  operations: ["times_fewer", "times_more", "no_fewer", "exact_operations"],
  bytes: ["times_smaller", "times_larger", "no_smaller", "exact_bytes"],
  memory: ["times_smaller", "times_larger", "no_smaller", "exact_bytes"],
  seconds: ["times_faster", "times_slower", "no_faster", "exact_seconds"],
};
/** Measured numbers whose relative difference is smaller count as the same; what is counted is exact. */
/** @type {{[unit in Unit]?: number}} */
const SAME = { seconds: 0.05, memory: 0.1 };

const LONG_COUNT = 1e7; // from here on even weights are not written out in full

/** Short: "71.3 kB", "0.41 ms", "266K". @param {View} view @param {number} value @param {Unit} unit */
export function humanText(view, value, unit) {
  if (unit === "weights" && value < LONG_COUNT) return grouped(view, value);
  if (unit === "weights" || unit === "operations") return digits(view, value, { notation: "compact", maximumSignificantDigits: 3 });
  const steps = UNIT_STEPS[unit];
  const step = Math.max(
    0,
    steps.findLastIndex((least) => value >= least * 0.9995),
  );
  const whole = unit === "bytes" && step === 0;
  return `${digits(view, value / steps[step], { minimumSignificantDigits: whole ? 1 : 3, maximumSignificantDigits: 3 })} ${UNIT_NAMES[unit][step]}`;
}

/** @param {View} view @param {number} value @param {Intl.NumberFormatOptions} options */
const digits = (view, value, options) => new Intl.NumberFormat(say(view, "locale"), options).format(value);

/** To the last digit; timings have no more than three. @param {View} view @param {Cost} cost @param {Unit} unit */
export function exactText(view, { value, low, high }, unit) {
  if (unit !== "seconds") return say(view, COMPARED[unit][3], { n: grouped(view, value) });
  const [median, from, to] = [value, low ?? value, high ?? value].map((x) => humanText(view, x, unit));
  return say(view, COMPARED.seconds[3], { median, from, to });
}

/**
 * Compares with the dense model: which way it differs, and the text, such as "4.2× smaller" or "no faster".
 * @param {View} view
 * @param {Cost} cost
 * @param {Unit} unit
 * @returns {["less" | "more" | "same" | "", string]}
 */
export function comparison(view, cost, unit) {
  const { value, base } = cost;
  const [less, more, same] = COMPARED[unit];
  if (base === undefined || !(base > 0)) return ["", ""];
  if (value === 0) return ["less", say(view, "nothing_left")];
  const times = Math.max(value / base, base / value);
  if (times < 1 + (SAME[unit] ?? 0.0005)) return ["same", say(view, same)];
  if (overlap(cost)) return ["same", say(view, "in_spread")];
  const shown = digits(
    view,
    times,
    times < 1.1 && !SAME[unit]
      ? { maximumFractionDigits: times < 1.01 ? 3 : 2 }
      : { minimumSignificantDigits: 2, maximumSignificantDigits: times < 100 ? 2 : 3 },
  );
  return value < base ? ["less", say(view, less, { times: shown })] : ["more", say(view, more, { times: shown })];
}

/** Whether the middle halves of both series of timings overlap. @param {Cost} cost */
const overlap = ({ low, high, base_low: baseLow, base_high: baseHigh }) =>
  low != null && high != null && baseLow != null && baseHigh != null && low <= baseHigh && baseLow <= high;
