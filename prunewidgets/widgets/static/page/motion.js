// A jump of the threshold is drawn as one short motion by all pictures; numbers and text change at once.
import { byHand } from "./moving.js";
import { watch } from "./watch.js";
/** @import { View } from "../types.js" */

const DURATION = 150; // milliseconds
const FRAME = 1000 / 60; // a motion is under way in the first frame after the jump

/** The page's clock: the same for everything drawn in a frame, whichever view draws it. */
const clock = () => Number(document.timeline.currentTime);

/** Starts a motion when the threshold jumps; under the reader's hand, or where no motion is wanted or seen, there is none. @param {View} view */
export function followJumps(view) {
  const { motion } = view.shared;
  let frame = 0;
  const finish = () => {
    cancelAnimationFrame(frame);
    motion.start = -Infinity;
  };
  const jump = () => {
    finish();
    motion.jumps += 1;
    if (byHand(view) || document.hidden || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    motion.start = Infinity; // until the next frame: what a page without frames has for the time may be old
    frame = requestAnimationFrame(() => progress(view));
  };
  watch(view, ["threshold", "thresholds", "sparsity"], jump);
  window.addEventListener("beforeprint", finish, { signal: view.signal });
  view.signal.addEventListener("abort", finish);
}

/** How far the motion is in this frame, 0 to 1: fast at first, so that a key held down is hardly ahead of the drawing. @param {View} view */
function progress({ shared: { motion } }) {
  if (motion.start === Infinity) motion.start = clock() - FRAME;
  return 1 - (1 - Math.min(Math.max((clock() - motion.start) / DURATION, 0), 1)) ** 3;
}

/**
 * For a drawing: makes of `read`, which returns a value by its name, a function that returns where to draw it in this frame,
 * on its way from where it was last drawn. What was not drawn before does not move.
 * @param {View} view
 * @param {(name: string) => number} read
 * @param {() => void} redraw
 * @param {() => unknown} source what the values belong to: nothing moves from one criterion's threshold to another's
 * @returns {(name: string) => number}
 */
export function inMotion(view, read, redraw, source = () => null) {
  const { motion } = view.shared;
  let [jumps, from, drawn, of] = [0, new Map(), new Map(), source()];
  return (name) => {
    if (of !== source()) [of, from, drawn] = [source(), new Map(), new Map()];
    if (jumps !== motion.jumps) [jumps, from, drawn] = [motion.jumps, drawn, new Map()];
    const to = read(name);
    const start = from.get(name) ?? to;
    const way = start === to ? 1 : progress(view);
    const now = way < 1 ? start + (to - start) * way : to;
    if (way < 1) redraw();
    drawn.set(name, now);
    return now;
  };
}
