// Canvases: sharp on any screen, drawn at most once per frame, and only while on or near the screen.
import { make } from "./page.js";
/** @import { View } from "./page.js" */

const NEAR = "25%"; // of the window; a canvas this close to the screen is drawn already

/**
 * @param {import("./page.js").View} view
 * @param {number} height in hundredths of the view's font size, so that a larger font gives a larger picture
 * @param {(context: CanvasRenderingContext2D, width: number, height: number, colours: Record<string, any>) => void} draw
 */
export function canvas(view, height, draw) {
  const element = /** @type {HTMLCanvasElement} */ (make("canvas", { class: "pw-canvas" }));
  const context = element.getContext("2d");
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
  const resizing = new ResizeObserver(redraw);
  resizing.observe(element);
  const sighting = new IntersectionObserver(
    (entries) => {
      near = entries.at(-1).isIntersecting;
      if (near && outdated) redraw();
    },
    { rootMargin: NEAR, scrollMargin: NEAR },
  );
  sighting.observe(element);
  window.addEventListener(
    "beforeprint",
    () => {
      if (outdated) paint();
    },
    { signal: view.signal },
  );
  view.shared.redraws.push(redraw);
  view.signal.addEventListener("abort", () => {
    resizing.disconnect();
    sighting.disconnect();
    cancelAnimationFrame(frame);
  });
  return {
    element,
    redraw,
    setHeight: (pixels) => {
      element.style.height = `${pixels}px`;
    },
  };
}

/** Colours for a canvas, read once per theme from the style sheet's custom properties. @param {View} view */
export function colours(view) {
  if (!view.shared.colours) {
    const style = getComputedStyle(view.root);
    const names = ["ink", "soft", "line", "ground", "panel", "kept", "pruned", "mark"];
    /** @type {Record<string, any>} */
    const read = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--pw-${name}`).trim()]));
    read.lines = [1, 2, 3, 4, 5, 6].map((i) => style.getPropertyValue(`--pw-line-${i}`).trim());
    read.font = style.fontFamily;
    read.size = parseFloat(style.fontSize);
    view.shared.colours = read;
  }
  return view.shared.colours;
}
