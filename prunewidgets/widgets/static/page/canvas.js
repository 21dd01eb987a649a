// Canvases: sharp on any screen, drawn at most once per frame, and only while on or near the screen.
import { make } from "./elements.js";
import { colours } from "./theme.js";
/** @import { Colours, View } from "../types.js" */

const NEAR = "25%"; // of the window; a canvas this close to the screen is drawn already

/**
 * @param {View} view
 * @param {number} height in hundredths of the view's font size, so that a larger font gives a larger picture
 * @param {(context: CanvasRenderingContext2D, width: number, height: number, colours: Colours) => void} draw
 */
export function canvas(view, height, draw) {
  const element = make("canvas", { class: "pw-canvas" });
  const context = contextOf(element);
  element.style.height = `${height / 100}em`;
  let frame = 0;
  let near = true; // until the observer has reported
  let outdated = false; // to be drawn when it comes into view
  const paint = () => {
    frame = 0;
    outdated = false;
    const { clientWidth: width, clientHeight: tall } = element;
    if (!width || !tall) return;
    const dense = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * dense), Math.round(tall * dense)];
    if (element.width !== w || element.height !== h) [element.width, element.height] = [w, h];
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.clearRect(0, 0, width, tall);
    draw(context, width, tall, colours(view));
  };
  const redraw = () => {
    outdated = true;
    if (near) frame ||= requestAnimationFrame(paint);
  };
  const size = new ResizeObserver(redraw);
  size.observe(element);
  const visibility = new IntersectionObserver(
    (entries) => {
      near = entries[entries.length - 1].isIntersecting;
      if (near && outdated) redraw();
    },
    { rootMargin: NEAR, scrollMargin: NEAR },
  );
  visibility.observe(element);
  window.addEventListener(
    "beforeprint",
    () => {
      if (outdated) paint();
    },
    { signal: view.signal },
  );
  view.shared.redraws.push(redraw);
  view.signal.addEventListener("abort", () => {
    size.disconnect();
    visibility.disconnect();
    cancelAnimationFrame(frame);
  });
  return {
    element,
    redraw,
    /** @param {number} pixels */
    setHeight: (pixels) => {
      element.style.height = `${pixels}px`;
    },
  };
}

/** What a canvas is drawn with. @param {HTMLCanvasElement} element */
export function contextOf(element) {
  const context = element.getContext("2d");
  if (!context) throw new Error("The browser has no 2D context for a canvas; it may be out of memory.");
  return context;
}

/**
 * Follows a pointer over a picture. A finger that is lifted, or a tap, leaves its mark; the focus takes it away.
 * @param {HTMLElement} element @param {(event: PointerEvent) => void} point @param {() => void} leave
 */
export function onPointing(element, point, leave) {
  for (const kind of /** @type {const} */ (["pointerdown", "pointermove"])) element.addEventListener(kind, point); // a tap does not move
  onLeaving(element, leave);
}

/** Calls `leave` when a mouse or pen, or the focus, leaves an element: a finger that is lifted does not. @param {HTMLElement} element @param {() => void} leave */
export function onLeaving(element, leave) {
  element.addEventListener("pointerleave", (event) => {
    if (event.pointerType !== "touch") leave();
  });
  element.addEventListener("blur", leave);
}
