// Stands in for the kernel of a lab: has a worker measure what the page shows. The newest request wins.
import { grouped, say } from "../../widgets/static/page/text.js";
import { DrawingAnswerer } from "./drawing_answerer.js";
import { sparsityOf, stateOf, thresholdsFor } from "./lab_state.js";
import { interval } from "./statistics.js";
/** @import { State, View } from "../../widgets/static/types.js" */
/** @import { Lab } from "./lab_state.js" */
/** @import { Answer, Asked, CurveLine, Differing } from "./types.js" */

const LEVELS = [0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99]; // as in labs/curve_measurement.py
const NAMED = 3; // most examples that are named as read otherwise than in Python

export class LabAnswerer {
  /** @param {Lab} lab @param {CurveLine[]} lines of its curve that are measured already @param {(text: string, differs?: boolean) => void} note */
  constructor(lab, lines, note) {
    this.lab = lab;
    this.lines = lines;
    this.note = note;
    this.view = /** @type {View} */ (/** @type {unknown} */ ({ model: lab })); // for `say`
    /** @type {Worker | null} */
    this.worker = null;
    /** Asked before the worker was ready, by kind. @type {Map<string, Asked>} */
    this.waiting = new Map();
    this.started = this.failed = false;
    this.newest = { measure: 0, curve: 0 };
    /** What was asked last: it is measured, or will be. */
    this.asked = stateOf(lab);
    /** The states that are being measured, by id, and those of the curve's points. @type {Map<number, State>} */
    this.requests = new Map();
    /** @type {ReturnType<typeof stateOf>[]} */
    this.points = [];
    /** The line that they go to. @type {CurveLine} */
    this.line = { criterion: "", scope: "", points: [] };
    /** What Python measured. */
    this.saved = { measured: lab.get("measured"), flips: lab.get("flips"), flip_images: lab.get("flip_images") };
    this.drawing = new DrawingAnswerer(lab, this.view, (asked) => this.ask(asked));
    note(say(this.view, "page_starting"));
  }

  /** Takes a worker that has been told to start. @param {Worker} worker */
  answeredBy(worker) {
    this.worker = worker;
    worker.onmessage = ({ data }) => this.answered(data);
    worker.onerror = ({ message }) => this.fail(message);
  }

  /** @param {Asked} asked */
  ask(asked) {
    if (this.started) this.worker?.postMessage(asked);
    else this.waiting.set(asked.do, asked);
  }

  /** Called when something may have moved. */
  changed() {
    const { lab } = this;
    const state = stateOf(lab);
    this.drawing.changed(state);
    if (this.failed || JSON.stringify(state) === JSON.stringify(this.asked)) return;
    this.asked = state;
    this.newest.measure += 1;
    const id = this.newest.measure;
    this.requests = new Map([[id, state]]);
    lab.set("cancelled", false);
    lab.set("measuring", true);
    this.ask({ do: "measure", id, thresholds: state.thresholds });
  }

  /** A button was pressed. @param {string} what */
  pressed(what) {
    if (this.failed) return;
    if (what === "measure_curve") this.startCurve();
    if (what === "find_misread") this.drawing.find();
    if (what === "cancel") this.cancel();
  }

  cancel() {
    const { lab } = this;
    this.waiting.clear();
    this.ask({ do: "cancel" });
    this.requests.clear();
    this.newest.curve += 1;
    this.drawing.stop();
    lab.set("cancelled", true);
    lab.set("measuring", false);
    this.progress("", 0);
  }

  /** @param {string} text @param {number} share */
  progress(text, share) {
    this.lab.set("progress", share);
    this.lab.set("working", text);
  }

  /** @param {Answer} answer */
  answered(answer) {
    if (answer.kind === "failed") this.fail(answer.error);
    else if (answer.kind === "started") this.start();
    else if (answer.kind === "accuracy") this.showAccuracy(answer);
    else if (answer.kind === "point") this.addPoint(answer);
    else if (answer.kind === "checked") this.showCheck(answer);
    else if (this.drawing.answered(answer)) this.changed();
  }

  start() {
    this.started = true;
    for (const asked of this.waiting.values()) this.ask(asked);
    this.waiting.clear();
    this.note(this.sayOf("page_measures", this.lab.get("examples")));
  }

  /** What the page can do without a worker: show what was measured in Python. @param {string} error */
  fail(error) {
    const { lab, saved } = this;
    this.failed = true;
    this.worker?.terminate();
    lab.set("measured", saved.measured);
    lab.set("flip_images", saved.flip_images);
    lab.set("flips", saved.flips);
    lab.set("in_page", "fixed");
    lab.set("measuring", false);
    this.progress("", 0);
    this.note(say(this.view, "page_failed", { error: error || say(this.view, "page_no_worker") }), true);
  }

  /** @param {Extract<Answer, {kind: "accuracy"}>} answer */
  showAccuracy({ id, correct, n, flips, images }) {
    const { lab } = this;
    const state = this.requests.get(id);
    if (!state) return;
    if (!flips || !images) {
      const [low, high] = interval(correct, n);
      lab.set("measured", { ...state, accuracy: correct / n, low, high, n });
      if (n === lab.get("examples")) lab.set("measuring", false);
      return;
    }
    if (lab.get("image_shape")[0]) lab.set("flip_images", new DataView(images));
    lab.set("flips", { ...state, ...flips });
    this.requests.delete(id);
  }

  startCurve() {
    const { lab } = this;
    this.points = LEVELS.map((level) => stateOf(lab, thresholdsFor(lab, level)));
    const [criterion, scope] = [lab.get("criterion"), lab.get("scope")];
    this.line = { criterion, scope, points: [] };
    this.newest.curve += 1;
    const id = this.newest.curve;
    this.showCurve(0);
    this.ask({ do: "curve", id, all: this.points.map(({ thresholds }) => thresholds) });
  }

  /** @param {Extract<Answer, {kind: "point"}>} answer */
  addPoint({ id, index, correct, n }) {
    if (id !== this.newest.curve) return;
    const { lab } = this;
    const state = this.points[index];
    const [low, high] = interval(correct, n);
    const { criterion, scope, points } = this.line;
    points.push({ sparsity: sparsityOf(lab, state), threshold: scope === "layer" ? null : state.thresholds[0], accuracy: correct / n, low, high });
    // A line measured again keeps its place and colour; the earlier one stays until there is a point of the new.
    const before = this.lines.findIndex((other) => other.criterion === criterion && other.scope === scope);
    this.lines.splice(before < 0 ? this.lines.length : before, 1, this.line);
    this.showCurve(index + 1);
  }

  /** @param {number} done */
  showCurve(done) {
    const { lab, lines, points } = this;
    const varying = /** @type {const} */ (["criterion", "scope"]).filter((name) => new Set(lines.map((line) => line[name])).size > 1);
    lab.set(
      "series",
      lines.map((line) => ({ name: varying.map((name) => line[name]).join(", "), points: [...line.points] })),
    );
    const text = done < points.length ? say(this.view, "measuring_curve", { done, total: points.length }) : "";
    this.progress(text, text ? done / points.length : 0);
  }

  /** @param {Extract<Answer, {kind: "checked"}>} answer */
  showCheck({ n, differing }) {
    const does = this.sayOf("page_measures", this.lab.get("examples"));
    if (!differing.length) return this.note(`${does} ${this.sayOf("page_checked", n)}`);
    const each = differing.slice(0, NAMED).map((one) => this.sayDiffering(one));
    if (differing.length > NAMED) each.push(say(this.view, "page_more", { n: grouped(this.view, differing.length - NAMED) }));
    const values = { n: grouped(this.view, n), what: this.lab.get("data"), differing: grouped(this.view, differing.length), each: each.join(", ") };
    this.note(`${does} ${say(this.view, "page_differs", values)}`, true);
  }

  /** @param {Differing} one */
  sayDiffering({ index, here, there, margin }) {
    if (here < 0 || there < 0) return say(this.view, "page_differs_nan", { index });
    return say(this.view, "page_differs_one", { index, here, there, margin: Number(margin.toPrecision(2)) });
  }

  /** @param {string} key @param {number} n examples */
  sayOf(key, n) {
    return say(this.view, key, { n: grouped(this.view, n), what: this.lab.get("data") });
  }
}
