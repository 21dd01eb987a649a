// A pad to draw a digit on: mouse, touch and pen, or a cursor moved by keys.
import { canvas } from "../page/canvas.js";
import { announcer } from "../page/elements.js";
import { onKeys, plainKey } from "../page/keys.js";
import { say } from "../page/text.js";
import { SIDE } from "../numbers/digit.js";
/** @import { Stroke } from "../numbers/digit.js" */
/** @import { Colours, View } from "../types.js" */

/** Width of the pen as a share of the pad's side: a digit that fills most of the pad gets lines as thick as MNIST's. */
export const PEN = 1 / 12;
const HEIGHT = 1250; // hundredths of the font size

/** Where an arrow key moves the cursor. @type {Record<string, [x: number, y: number]>} */
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** @param {number} share */
const inside = (share) => Math.min(Math.max(share, PEN / 2), 1 - PEN / 2);

/**
 * @param {View} view
 * @param {() => DataView | null} earlier a picture drawn before this page was opened, shown until something is drawn
 * @param {(pause: number) => void} ended called after a stroke or a change by keys; `pause` is how long to wait for more (milliseconds)
 * @param {() => void} drawing called while a line grows
 */
export function drawingPad(view, earlier, ended, drawing) {
  /** @type {Stroke[]} */
  let strokes = [];
  /** The pointer that draws. @type {number | null} */
  let pointer = null;
  const cursor = { x: 0.5, y: 0.25, down: false, shown: false };
  const spoken = announcer(view);
  const pad = canvas(view, HEIGHT, draw);
  const { element } = pad;
  for (const [name, value] of Object.entries({ tabindex: "0", role: "application", "aria-label": say(view, "pad") })) element.setAttribute(name, value);

  /** @param {PointerEvent} event @returns {[x: number, y: number]} */
  function place(event) {
    const box = element.getBoundingClientRect();
    return [inside((event.clientX - box.left) / box.width), inside((event.clientY - box.top) / box.height)];
  }
  element.addEventListener("pointerdown", (event) => {
    if (pointer !== null || event.button !== 0 || !event.isPrimary) return;
    pointer = event.pointerId;
    element.setPointerCapture(pointer);
    Object.assign(cursor, { down: false, shown: false });
    strokes.push([place(event)]);
    changed();
  });
  element.addEventListener("pointermove", (event) => {
    if (event.pointerId !== pointer) return;
    const events = event.getCoalescedEvents?.() ?? []; // all points of a fast movement
    strokes[strokes.length - 1].push(...(events.length ? events : [event]).map(place));
    changed();
  });
  element.addEventListener("pointerup", (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    ended(0);
  });
  element.addEventListener("pointercancel", (event) => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    strokes.pop();
    changed();
  });
  onKeys(view, element, (event) => {
    const move = MOVES[plainKey(event)];
    if (move) step(move, event.shiftKey ? 4 : 1);
    else if (plainKey(event) === " ") setDown(!cursor.down);
    else if (plainKey(event) === "Escape" && cursor.down) setDown(false);
    else if (event.key === "Backspace" || (event.key === "z" && (event.ctrlKey || event.metaKey))) undo();
    else if (plainKey(event) === "Delete") clear();
    else return;
    event.preventDefault();
  });
  element.addEventListener("blur", () => {
    Object.assign(cursor, { down: false, shown: false });
    pad.redraw();
  });

  /** @param {[x: number, y: number]} direction @param {number} far in pixels of the picture */
  function step([x, y], far) {
    Object.assign(cursor, { x: inside(cursor.x + (x * far) / SIDE), y: inside(cursor.y + (y * far) / SIDE), shown: true });
    if (cursor.down) {
      strokes[strokes.length - 1].push([cursor.x, cursor.y]);
      ended(400);
    }
    changed();
    announce();
  }
  /** @param {boolean} down */
  function setDown(down) {
    Object.assign(cursor, { down, shown: true });
    if (down) strokes.push([[cursor.x, cursor.y]]);
    ended(400);
    changed();
    announce();
  }
  function announce() {
    const [x, y] = [cursor.x, cursor.y].map((share) => Math.round(share * 100));
    spoken.speak(say(view, cursor.down ? "pen_down" : "pen_up", { x, y }));
  }
  function undo() {
    cursor.down = false;
    if (!strokes.pop()) return;
    changed();
    ended(0);
  }
  function clear() {
    cursor.down = false;
    strokes = [];
    changed();
    ended(0);
  }
  function changed() {
    pad.redraw();
    drawing();
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height @param {Colours} colours */
  function draw(context, width, height, colours) {
    context.fillStyle = colours.ground;
    context.fillRect(0, 0, width, height);
    context.fillStyle = context.strokeStyle = colours.ink;
    const before = earlier();
    if (!strokes.length && before) {
      for (let i = 0; i < before.byteLength; i += 1) {
        context.globalAlpha = before.getUint8(i) / 255;
        context.fillRect(((i % SIDE) * width) / SIDE, (Math.floor(i / SIDE) * height) / SIDE, width / SIDE + 0.5, height / SIDE + 0.5);
      }
      context.globalAlpha = 1;
    }
    context.lineWidth = PEN * width;
    context.lineCap = context.lineJoin = "round";
    for (const stroke of strokes) {
      context.beginPath();
      context.moveTo(stroke[0][0] * width, stroke[0][1] * height);
      for (const [x, y] of stroke) context.lineTo(x * width, y * height);
      context.stroke();
    }
    if (!cursor.shown) return;
    context.lineWidth = 2;
    context.strokeStyle = colours.mark;
    context.beginPath();
    context.arc(cursor.x * width, cursor.y * height, (PEN * width) / 2, 0, 2 * Math.PI);
    if (cursor.down) {
      context.fillStyle = colours.mark;
      context.fill();
    }
    context.stroke();
  }

  return {
    element,
    spoken: spoken.element,
    undo,
    clear,
    redraw: pad.redraw,
    strokes: () => strokes,
    forget: () => {
      strokes = [];
      pad.redraw();
    },
  };
}
