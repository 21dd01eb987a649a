// The statistics of a lab, as Python computes them.

const Z = 1.959963984540054; // 97.5 % quantile of the normal distribution

/** Wilson's 95 % interval, as `Accuracy.interval`. @param {number} correct @param {number} n @returns {[number, number]} */
export function interval(correct, n) {
  const share = correct / n;
  const spread = (Z * Z) / n;
  const centre = (share + spread / 2) / (1 + spread);
  const half = (Z / (1 + spread)) * Math.sqrt((share * (1 - share)) / n + spread / (4 * n));
  return [correct === 0 ? 0 : Math.max(0, centre - half), correct === n ? 1 : Math.min(1, centre + half)];
}

/** p of McNemar's exact test, as `exact_p` of core/paired.py. @param {number} lost @param {number} won */
export function exactP(lost, won) {
  const [fewer, differ] = [Math.min(lost, won), lost + won];
  const middle = Math.floor(differ / 2);
  const terms = [1]; // of middle, middle - 1, …, 0, each from its neighbour
  for (let k = middle; k > 0; k -= 1) terms.push((terms[terms.length - 1] * k) / (differ - k + 1));
  /** @param {number[]} some */
  const sum = (some) => some.reduceRight((total, term) => total + term, 0);
  const total = 2 * sum(terms) - (differ % 2 === 0 ? 1 : 0); // by symmetry; an even number has its middle term once
  return Math.min(1, Math.max(Number.MIN_VALUE, (2 * sum(terms.slice(middle - fewer))) / total));
}
