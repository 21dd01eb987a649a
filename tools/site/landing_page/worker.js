// The worker of the site's first page: reads the digits that are shown, then measures; the newest question counts.
import { startEngine } from "../../../prunewidgets/pages/static/engine.js";
import { Measurer } from "../../../prunewidgets/pages/static/measurer.js";
import { messagesHeard } from "../../../prunewidgets/pages/static/messages.js";
/** @import { Answer, Asked } from "./types.js" */

/** @type {Measurer | undefined} */
let measurer;
/** @type {number[]} */
let rows = [];
/** @type {Extract<Asked, {do: "measure"}> | null} */
let newest = null;
let working = false;

/** @param {Answer} answer */
const answer = (answer) => self.postMessage(answer);

export function listen() {
  self.onmessage = ({ data }) => void hear(/** @type {Asked} */ (data));
}

/** @param {Asked} asked */
async function hear(asked) {
  try {
    if (asked.do === "start") {
      await startEngine(asked.wasm);
      measurer = new Measurer(asked.network);
      rows = Array.from({ length: asked.rows }, (_, index) => index);
      await measure(measurer, null); // the first time takes longer
      answer({ kind: "started" });
      return;
    }
    newest = asked;
    if (working || !measurer) return;
    working = true;
    while (newest) {
      const next = newest;
      newest = null;
      await measure(measurer, next);
    }
    working = false;
  } catch (error) {
    answer({ kind: "failed", error: error instanceof Error ? error.message : String(error) });
  }
}

/** @param {Measurer} of @param {Extract<Asked, {do: "measure"}> | null} asked null for the shown digits alone, without an answer */
async function measure(of, asked) {
  const { quick, layers } = of.network;
  const thresholds = layers.map(() => asked?.threshold ?? 0);
  const read = of.outputsFor(thresholds, rows).map((values) => of.classOf(values));
  if (!asked) return;
  const { id } = asked;
  answer({ kind: "read", id, read });
  for (const { correct, n } of of.measure(thresholds, new Int32Array(of.total))) {
    if (n === quick || n === of.total) answer({ kind: "accuracy", id, correct, n });
    await messagesHeard();
    if (newest && n >= quick) return; // under a hand that drags, each question gets its first answer
  }
}
