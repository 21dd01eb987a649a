// The page's worker: what was asked last is measured first, and a batch at a time, so that newer questions are heard.
import { startEngine } from "./engine.js";
import { areProbabilities, flipsOf } from "./flips.js";
import { Measurer } from "./measurer.js";
import { messagesHeard } from "./messages.js";
/** @import { Answer, Asked, Differing } from "./types.js" */

/** The jobs, the most urgent first; a newer one of a kind replaces the older. */
const KINDS = /** @type {const} */ (["read", "measure", "find", "curve", "check"]);
/** @typedef {typeof KINDS[number]} Kind */

/** @type {Map<Kind, Generator<unknown, void>>} */
const jobs = new Map();
/** @type {Measurer | undefined} */
let measurer;
let working = false;

/** @param {Answer} answer @param {Transferable[]} given away with it */
const answer = (answer, given = []) => self.postMessage(answer, { transfer: given });

export function listen() {
  self.onmessage = ({ data }) => void hear(/** @type {Asked} */ (data));
}

/** @param {Asked} asked */
async function hear(asked) {
  if (asked.do === "start") {
    try {
      await startEngine(asked.wasm);
      measurer = new Measurer(asked.network);
      answer({ kind: "started" });
      begin("check", check(measurer));
    } catch (error) {
      answer({ kind: "failed", error: said(error) });
    }
    return;
  }
  if (!measurer) return; // it starts with what the page shows once it is ready
  if (asked.do === "cancel") for (const kind of /** @type {const} */ (["measure", "find", "curve"])) end(kind);
  if (asked.do === "measure") begin("measure", measure(measurer, asked.id, asked.thresholds));
  if (asked.do === "curve") begin("curve", curve(measurer, asked.id, asked.all));
  if (asked.do === "read") begin("read", read(measurer, asked.id, asked.drawn, asked.thresholds));
  if (asked.do === "find") begin("find", find(measurer, asked.id, asked.drawn, asked.all));
}

/** @param {Kind} kind @param {Generator<unknown, void>} job */
function begin(kind, job) {
  end(kind);
  jobs.set(kind, job);
  if (!working) void work();
}

/** @param {Kind} kind */
function end(kind) {
  jobs.get(kind)?.return();
  jobs.delete(kind);
}

/** Does the most urgent job's next step, until there is none. */
async function work() {
  working = true;
  try {
    for (;;) {
      const kind = KINDS.find((each) => jobs.has(each));
      if (!kind) return;
      const job = jobs.get(kind);
      if (job?.next().done && jobs.get(kind) === job) jobs.delete(kind);
      await messagesHeard();
    }
  } catch (error) {
    jobs.clear();
    answer({ kind: "failed", error: said(error) });
  } finally {
    working = false;
  }
}

/** @param {unknown} error */
const said = (error) => (error instanceof Error ? error.message : String(error));

/** @param {Measurer} of @param {number} id @param {number[]} thresholds */
function* measure(of, id, thresholds) {
  const predicted = new Int32Array(of.total);
  let last = { correct: 0, n: 0 };
  for (const counted of of.measure(thresholds, predicted)) {
    last = counted;
    if (last.n === of.network.quick && last.n < of.total) answer({ kind: "accuracy", id, ...last });
    yield;
  }
  answer({ kind: "accuracy", id, ...last });
  yield;
  const { flips, images } = flipsOf(of, thresholds, predicted);
  answer({ kind: "accuracy", id, ...last, flips, images }, [images]);
}

/** @param {Measurer} of @param {number} id @param {number[][]} all thresholds of each point */
function* curve(of, id, all) {
  const predicted = new Int32Array(of.total);
  for (const [index, thresholds] of all.entries()) {
    let last = { correct: 0, n: 0 };
    for (last of of.measure(thresholds, predicted)) yield;
    answer({ kind: "point", id, index, ...last });
  }
}

/** Compares what the network reads without pruning with what Python read. @param {Measurer} of */
function* check(of) {
  const there = of.network.whole;
  const predicted = new Int32Array(of.total);
  /** @type {Differing[]} */
  const differing = [];
  const compare = (/** @type {number} */ index, /** @type {Float32Array} */ values) => {
    if (predicted[index] !== there[index]) differing.push({ index, here: predicted[index], there: there[index], margin: of.margin(values) });
  };
  yield* of.measure(of.whole, predicted, compare);
  answer({ kind: "checked", n: of.total, differing });
}

/** @param {Measurer} of @param {number} id @param {Uint8Array} drawn @param {number[]} thresholds */
function* read(of, id, drawn, thresholds) {
  const [now, was] = [thresholds, of.whole].map((some) => of.outputsForDrawing(some, drawn));
  answer({ kind: "read", id, read: of.classOf(now), now: shares(now), was: of.classOf(was), unpruned: shares(was) });
  yield;
}

/** The first of many thresholds with which a drawing is read otherwise; index -1 for none. @param {Measurer} of @param {number} id @param {Uint8Array} drawn @param {number[][]} all */
function* find(of, id, drawn, all) {
  const was = of.classOf(of.outputsForDrawing(of.whole, drawn));
  for (const [index, thresholds] of all.entries()) {
    const now = of.classOf(of.outputsForDrawing(thresholds, drawn));
    if (now !== was) return answer({ kind: "found", id, index, read: now, was });
    answer({ kind: "tried", id, index });
    yield;
  }
  answer({ kind: "found", id, index: -1, read: was, was });
}

/** Outputs as probabilities: softmax, unless they are probabilities already. @param {Float32Array} outputs */
function shares(outputs) {
  if (areProbabilities(outputs)) return Array.from(outputs, (p) => Math.min(1, p));
  const most = Math.max(...outputs);
  const raised = Array.from(outputs, (value) => Math.exp(value - most));
  const sum = raised.reduce((a, b) => a + b, 0);
  return raised.map((value) => value / sum);
}
