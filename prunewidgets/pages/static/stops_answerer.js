// Stands in for the kernel of a lab that the page cannot run: goes to the nearest sparsity that was measured in Python.
import { say } from "../../widgets/static/page/text.js";
import { Layers } from "../../widgets/static/numbers/layers.js";
import { moveLab, sparsityOf, stateOf } from "./lab_state.js";
/** @import { LabTraits, View } from "../../widgets/static/types.js" */
/** @import { Lab } from "./lab_state.js" */
/** @import { Stop } from "./types.js" */

export class StopsAnswerer {
  /** @param {Lab} lab @param {Stop[]} stops with ascending sparsity @param {string[]} reasons why nothing is measured @param {(text: string) => void} note */
  constructor(lab, stops, reasons, note) {
    this.lab = lab;
    this.stops = stops;
    this.at = this.nearest();
    const view = /** @type {View} */ (/** @type {unknown} */ ({ model: lab })); // for `say`
    note(say(view, "page_fixed", { reasons: reasons.join("; "), n: stops.length }));
  }

  /** The place of the stop nearest to what the lab shows. */
  nearest() {
    const now = sparsityOf(this.lab, stateOf(this.lab));
    /** @param {number} n */
    const distance = (n) => Math.abs(this.stops[n].sparsity - now);
    return this.stops.reduce((best, _, n) => (distance(n) < distance(best) ? n : best), 0);
  }

  /** Called when something may have moved. */
  changed() {
    const { lab, stops } = this;
    const now = sparsityOf(lab, stateOf(lab));
    const { sparsity } = stops[this.at];
    let next = this.nearest();
    // A small step, by an arrow key, goes to the next stop and not back.
    if (next === this.at && now !== sparsity) next = Math.min(Math.max(next + Math.sign(now - sparsity), 0), stops.length - 1);
    if (now === stops[next].sparsity && next === this.at) return;
    this.at = next;
    this.show(stops[next]);
  }

  /** @param {Stop} stop */
  show({ threshold, thresholds, measured, flips, flip_images }) {
    const { lab } = this;
    lab.set("measured", /** @type {LabTraits["measured"]} */ (measured));
    lab.set("flip_images", flip_images);
    lab.set("flips", /** @type {LabTraits["flips"]} */ (flips));
    moveLab(
      lab,
      Layers.of(lab).list.map(({ name }) => (Object.hasOwn(thresholds, name) ? thresholds[name] : threshold)),
    );
  }

  /** There is no button to press. */
  pressed() {}
}
