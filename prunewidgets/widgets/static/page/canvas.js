// Canvases: sharp on any screen, drawn at most once per frame, and only while on or near the screen.
import { make } from "./elements.js";
import { colours } from "./theme.js";

const NEAR = "25%"; // of the window; a canvas this close to the screen is drawn already

/**
 * @param {import("./view.js").View} view
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
  const size = new ResizeObserver(redraw);
  size.observe(element);
  const visibility = new IntersectionObserver(
    (entries) => {
      near = entries.at(-1).isIntersecting;
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
    setHeight: (pixels) => {
      element.style.height = `${pixels}px`;
    },
  };
}
