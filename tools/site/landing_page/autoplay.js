// The first seconds, which play by themselves until somebody does something.

const DURATION = 3000; // milliseconds
const TOUCHES = ["pointerdown", "touchstart", "keydown", "wheel"];

/**
 * Moves from nothing to `end`; does nothing where no motion is wanted.
 * @param {number} end @param {(share: number) => void} move @param {() => void} ended called once, when it has played or was stopped
 */
export function play(end, move, ended) {
  let [start, frame] = [0, 0];
  const stop = () => {
    cancelAnimationFrame(frame);
    for (const touch of TOUCHES) removeEventListener(touch, stop, true);
    ended();
  };
  for (const touch of TOUCHES) addEventListener(touch, stop, { capture: true, passive: true });
  const step = (/** @type {number} */ now) => {
    start ||= now;
    const part = Math.min((now - start) / DURATION, 1);
    move(end * part * part * (3 - 2 * part));
    if (part < 1) frame = requestAnimationFrame(step);
    else stop();
  };
  frame = requestAnimationFrame(step);
}
