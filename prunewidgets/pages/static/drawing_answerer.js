// A digit drawn in a lab of a page: what the worker reads it as, and from which sparsity on it is misread (as labs/handwriting.py).
import { say } from "../../widgets/static/page/text.js";
import { moveLab, sparsityOf, stateOf, thresholdsFor } from "./lab_state.js";
/** @import { State, View } from "../../widgets/static/types.js" */
/** @import { Lab } from "./lab_state.js" */
/** @import { Answer, Asked } from "./types.js" */

const SIDE = 28;
const [COARSE, FINE] = [50, 20];

export class DrawingAnswerer {
  /** @param {Lab} lab @param {View} view for `say` @param {(asked: Asked) => void} ask */
  constructor(lab, view, ask) {
    this.lab = lab;
    this.view = view;
    this.ask = ask;
    this.newest = { read: 0, find: 0 };
    this.asked = this.#key(stateOf(lab));
    /** @type {State & {thresholds: number[]}} */
    this.state = stateOf(lab);
    /** The sparsities that are tried, and whether they are the finer ones. @type {{levels: number[], fine: boolean}} */
    this.trying = { levels: [], fine: false };
  }

  /** The drawing's pixels; null for none. */
  drawn() {
    const drawn = this.lab.get("drawn");
    return drawn?.byteLength === SIDE * SIDE ? new Uint8Array(drawn.buffer, drawn.byteOffset, drawn.byteLength).slice() : null;
  }

  /** @param {State} state */
  #key(state) {
    return `${hex(this.drawn())} ${JSON.stringify(state)}`;
  }

  /** Reads the drawing if it or the masks have changed. @param {ReturnType<typeof stateOf>} state */
  changed(state) {
    const key = this.#key(state);
    if (key === this.asked) return;
    const sameDrawing = this.asked.split(" ", 1)[0] === key.split(" ", 1)[0];
    this.asked = key;
    this.stop();
    if (!sameDrawing) this.lab.set("misread", {});
    const drawn = this.drawn();
    if (!drawn) return void this.lab.set("reading", {});
    this.state = state;
    this.newest.read += 1;
    this.ask({ do: "read", id: this.newest.read, drawn, thresholds: state.thresholds });
  }

  /** Stops looking for the first misreading. */
  stop() {
    this.newest.find += 1;
    if (this.trying.levels.length) this.#progress("", 0);
    this.trying = { levels: [], fine: false };
  }

  /** Looks for the smallest sparsity tried at which the drawing is misread. */
  find() {
    this.#try(
      Array.from({ length: COARSE }, (_, done) => (done + 1) / COARSE),
      false,
    );
  }

  /** @param {number[]} levels @param {boolean} fine */
  #try(levels, fine) {
    const drawn = this.drawn();
    if (!drawn) return;
    this.trying = { levels, fine };
    this.#say(0);
    this.newest.find += 1;
    this.ask({ do: "find", id: this.newest.find, drawn, all: levels.map((level) => thresholdsFor(this.lab, level)) });
  }

  /** @param {number} index of the level tried */
  #say(index) {
    const level = this.trying.levels[index];
    this.#progress(say(this.view, "finding_misread", { sparsity: `${(100 * level).toFixed(1)} %` }), level);
  }

  /** @param {string} text @param {number} share */
  #progress(text, share) {
    this.lab.set("progress", share);
    this.lab.set("working", text);
  }

  /** @param {Answer} answer @returns {boolean} whether the lab was moved */
  answered(answer) {
    if (answer.kind === "read" && answer.id === this.newest.read) {
      const { read, now, was, unpruned } = answer;
      this.lab.set("reading", { ...this.state, drawn: hex(this.drawn()), read, now, was, unpruned });
    }
    if (answer.kind === "tried" && answer.id === this.newest.find) this.#say(answer.index);
    return answer.kind === "found" && answer.id === this.newest.find && this.#found(answer);
  }

  /** @param {Extract<Answer, {kind: "found"}>} answer */
  #found({ index, read, was }) {
    const { levels, fine } = this.trying;
    if (!fine && index >= 0) {
      // Something nearer may lie in the step before it.
      const finer = Array.from({ length: FINE }, (_, done) => levels[index] + ((done + 1) / FINE - 1) / COARSE);
      this.#try(finer, true);
      return false;
    }
    this.stop();
    const { lab } = this;
    const thresholds = index < 0 ? null : thresholdsFor(lab, levels[index]);
    const sparsity = thresholds && sparsityOf(lab, stateOf(lab, thresholds));
    const belongs = { generation: lab.get("generation"), criterion: lab.get("criterion"), scope: lab.get("scope") };
    // First, so that the view keeps the threshold to go back to.
    lab.set("misread", { ...belongs, was, sparsity, read: thresholds && read });
    if (thresholds) moveLab(lab, thresholds);
    return thresholds !== null;
  }
}

/** @param {Uint8Array | null} bytes */
const hex = (bytes) => Array.from(bytes ?? [], (byte) => byte.toString(16).padStart(2, "0")).join("");
