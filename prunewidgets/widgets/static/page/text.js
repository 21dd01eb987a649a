// Words and numbers as text.
/** @import { View } from "../types.js" */

/**
 * A visible word or sentence, with {names} filled in. All of them are in words.py.
 * @param {View} view @param {string} key @param {Record<string, unknown>} values
 */
export function say(view, key, values = {}) {
  const text = view.model.get("words")[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** Number formats; Intl is slow to make one. @type {Map<string, Intl.NumberFormat>} */
const formats = new Map();

/** @param {View} view @param {number} n @param {number} least @param {number} most */
function format(view, n, least, most) {
  const locale = say(view, "locale");
  const key = `${locale} ${least} ${most}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.NumberFormat(locale, { minimumFractionDigits: least, maximumFractionDigits: most });
    formats.set(key, made);
  }
  return made.format(n);
}

/** A number with its thousands separated. @param {View} view @param {number} n */
export const grouped = (view, n) => format(view, n, 0, 3);

/**
 * A share as a percentage: `least` decimals, more where these would show 0 % or 100 % for a share that is neither.
 * @param {View} view @param {number} share @param {number} least
 */
export function percent(view, share, least = 2) {
  let digits = least;
  const wrong = () => {
    const shown = Number((share * 100).toFixed(digits));
    return (shown === 100 && share < 1) || (shown === 0 && share > 0);
  };
  while (digits < 8 && wrong()) digits += 1;
  return `${format(view, share * 100, digits, digits)} %`;
}

const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * A measured number: thousands separated, and a power of ten where it is very small or has more digits before the point than
 * float32 holds.
 * @param {View} view @param {number} n @param {number} [digits] at least so many are shown, without zeros at the end @returns {string}
 */
export function number(view, n, digits = 4) {
  const size = Math.abs(n);
  if (size && (size < 1e-4 || size >= 1e7)) {
    const power = Math.floor(Math.log10(Number(size.toPrecision(digits))));
    const raised = String(Math.abs(power)).replace(/\d/g, (digit) => SUPERSCRIPTS[Number(digit)]);
    return `${number(view, n / 10 ** power, digits)} × 10${power < 0 ? "⁻" : ""}${raised}`;
  }
  const decimals = size ? Math.min(Math.max(digits - 1 - Math.floor(Math.log10(size)), 0), digits + 3) : 0;
  return format(view, n, 0, decimals).replace("-", "−");
}

/** How many digits tell the numbers of an axis apart, for `number`: at least 4. @param {number[]} ticks ascending, evenly spaced */
export function digitsApart(ticks) {
  const step = ticks[1] - ticks[0];
  const most = Math.max(...ticks.map(Math.abs));
  return step > 0 && Number.isFinite(most) ? Math.max(4, Math.floor(Math.log10(most)) - Math.floor(Math.log10(step)) + 2) : 4;
}

/** A weight or score as short text. @param {number} x */
export const short = (x) => (x === 0 ? "0" : String(Number(x.toPrecision(3))).replace("-", "−"));
