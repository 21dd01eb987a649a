// Accuracy over weights removed: a point for each measurement, so that whoever drags draws the curve.
/** @import { Cut, Point } from "./types.js" */

const KEPT = 400; // points, one for each quarter of a percent
const JOINED = 0.12; // points further apart are not joined

/** @param {HTMLElement} plot */
export function mountPlot(plot) {
  const area = /** @type {HTMLElement} */ (plot.querySelector(".area"));
  const [trail, dots] = ["trail", "dots"].map((name) => /** @type {SVGPathElement} */ (plot.querySelector(`.${name}`)));
  const [guess, here] = ["guess", "here"].map((name) => /** @type {HTMLElement} */ (plot.querySelector(`.${name}`)));
  /** @type {Map<number, Point>} */
  const points = new Map();

  /** @param {Point} point */
  const place = ({ share, accuracy }) => `${(100 * share).toFixed(2)} ${(100 - 100 * accuracy).toFixed(2)}`;

  return {
    area,
    /** @param {Point} point */
    add(point) {
      const key = Math.round(point.share * KEPT);
      if ((points.get(key)?.n ?? 0) > point.n) return;
      points.set(key, point);
      const sorted = [...points.values()].sort((a, b) => a.share - b.share);
      dots.setAttribute("d", sorted.map((each) => `M${place(each)}h0`).join(""));
      const near = (/** @type {number} */ i) => i > 0 && sorted[i].share - sorted[i - 1].share < JOINED;
      trail.setAttribute("d", sorted.map((each, i) => `${near(i) ? "L" : "M"}${place(each)}`).join(""));
    },
    /** @param {Cut} cut @param {Point} point what was measured last */
    show({ share }, point) {
      plot.style.setProperty("--share", String(share));
      here.style.setProperty("--x", String(point.share));
      here.style.setProperty("--y", String(point.accuracy));
    },
    /** @param {number} share */
    guess(share) {
      guess.hidden = false;
      guess.style.setProperty("--x", String(share));
    },
  };
}
