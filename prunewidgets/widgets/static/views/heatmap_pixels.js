// Beside a heatmap of a layer that reads the input picture: that picture, small, with the pixels of the marked weights;
// pointing at a pixel marks its weights.
import { canvas, onPointing } from "../page/canvas.js";
import { make } from "../page/elements.js";
import { marker, onHighlight } from "../page/highlight.js";
import { onKeys, plainKey } from "../page/keys.js";
import { grouped, say } from "../page/text.js";
import { markedPixels, retinaOf, weightsOfPixel } from "../numbers/pixels.js";
/** @import { Plan } from "../numbers/grid.js" */
/** @import { Layers } from "../numbers/layers.js" */
/** @import { Retina } from "../numbers/pixels.js" */
/** @import { Colours, Layer, View } from "../types.js" */

const CLEAR = 4; // CSS pixels at least for a single pixel

/** Where an arrow key moves. @type {Record<string, [down: number, right: number]>} */
const BY_KEY = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

/**
 * Puts the picture into `row` while the layer shown reads one.
 * @param {View} view @param {() => Layers} layers @param {() => Layer | undefined} layerNow @param {HTMLElement} row
 * @param {(name: string) => number} thresholdOf the threshold of a layer
 * @param {() => void} speak says to a screen reader what is pointed at
 */
export function mountPixels(view, layers, layerNow, row, thresholdOf, speak) {
  const size = view.root.classList.contains("pw-lab") ? 2.6 : 5; // em; a lab has less room
  const picture = canvas(view, 100 * size, draw);
  const frame = make("div", { class: "pw-pixels" }, picture.element);
  frame.style.width = `${size}em`;
  picture.element.tabIndex = 0;
  picture.element.setAttribute("role", "img");
  onHighlight(view, picture.redraw);

  const own = marker(view);
  /** The pixel that the user points at, and its weights. @type {{layer: Layer, retina: Retina, pixel: number, indexes: number[]} | null} */
  let pointed = null;
  const retinaNow = () => {
    const layer = layerNow();
    const retina = layer && retinaOf(layer);
    return retina ? { layer, retina } : null;
  };

  /** Points at a pixel, if weights are multiplied with it. @param {number} down @param {number} right */
  function pointAt(down, right) {
    const shown = retinaNow();
    if (!shown || !isInside(shown.retina, down, right)) return false;
    const { layer, retina } = shown;
    const pixel = down * retina.width + right;
    if (own.holds() && pointed?.pixel === pixel) return true;
    const indexes = weightsOfPixel(layer, retina, pixel);
    if (!indexes.length) return false;
    pointed = { layer, retina, pixel, indexes };
    own.put({ kind: "weights", layer: layer.name, shape: layer.full_shape, steps: layer.steps, indexes });
    return true;
  }

  const leave = () => own.clear();
  /** @param {PointerEvent} event */
  const point = (event) => {
    const shown = retinaNow();
    if (!shown) return;
    const bounds = picture.element.getBoundingClientRect();
    const { height, width, kernel } = shown.retina;
    const each = Math.min(bounds.width / width, bounds.height / height);
    const [y, x] = [(event.clientY - bounds.top) / each, (event.clientX - bounds.left) / each];
    // A kernel's window is too small to point into, and it goes everywhere: all of the picture stands for it.
    const [down, right] = kernel ? [kernel.top + (y / height) * kernel.tall, kernel.left + (x / width) * kernel.wide] : [y, x];
    if (!pointAt(Math.floor(down), Math.floor(right))) leave();
  };
  onPointing(picture.element, point, leave);
  onKeys(view, picture.element, (event) => {
    const by = BY_KEY[plainKey(event)];
    const shown = by && retinaNow();
    if (!shown) return;
    event.preventDefault();
    const { retina } = shown;
    const { height, width, kernel } = retina;
    let [down, right] = kernel ? [kernel.top, kernel.left] : [Math.floor(height / 2), Math.floor(width / 2)];
    if (own.holds() && pointed) [down, right] = [Math.floor(pointed.pixel / width) + by[0], (pointed.pixel % width) + by[1]];
    // Past those of which nothing was sent.
    while (isInside(retina, down, right) && !pointAt(down, right)) [down, right] = [down + by[0], right + by[1]];
    speak();
  });

  /** @param {CanvasRenderingContext2D} context @param {number} across @param {number} down @param {Colours} colours */
  function draw(context, across, down, colours) {
    const shown = retinaNow();
    if (!shown) return;
    const { layer, retina } = shown;
    const { height, width, kernel } = retina;
    const each = Math.min(across / width, down / height);
    context.fillStyle = colours.ground;
    context.strokeStyle = colours.line;
    context.fillRect(0, 0, width * each, height * each);
    context.strokeRect(0.5, 0.5, width * each - 1, height * each - 1);
    if (kernel) {
      context.strokeStyle = colours.soft;
      context.strokeRect(kernel.left * each - 0.5, kernel.top * each - 0.5, kernel.wide * each + 1, kernel.tall * each + 1);
    }
    const counts = view.shared.mark && markedPixels(view.shared.mark, layers(), layer, retina);
    if (!counts) return;
    let [most, pixels] = [0, 0];
    for (const n of counts) {
      most = Math.max(most, n);
      if (n) pixels += 1;
    }
    const side = pixels === 1 ? Math.max(each, CLEAR) : each;
    context.fillStyle = colours.mark;
    counts.forEach((n, pixel) => {
      if (!n) return;
      const [x, y] = [((pixel % width) + 0.5) * each, (Math.floor(pixel / width) + 0.5) * each];
      context.globalAlpha = 0.2 + (0.8 * n) / most;
      context.fillRect(x - side / 2, y - side / 2, side, side);
      if (pixels > 1 || kernel) return;
      context.globalAlpha = 0.4; // lines that lead to a single pixel
      context.fillRect(x - 0.5, 0, 1, height * each);
      context.fillRect(0, y - 0.5, width * each, 1);
    });
    context.globalAlpha = 1;
  }

  return {
    /** What the pixel pointed at is, and how many of its weights are pruned; "" unless this picture is pointed at. */
    text() {
      if (!own.holds() || !pointed) return "";
      const { layer, retina, pixel, indexes } = pointed;
      const { width, kernel } = retina;
      const [down, right] = [Math.floor(pixel / width), pixel % width];
      const what = kernel
        ? say(view, "pixel_of_window", { ...kernel, row: down - kernel.top, column: right - kernel.left })
        : say(view, "pixel", { row: down, column: right });
      const [scores, threshold] = [layers().scoresOf(layer), layers().round(thresholdOf(layer.name))];
      const removed = indexes.filter((i) => !(scores[i] >= threshold)).length;
      return say(view, "pixel_weights", { pixel: what, total: grouped(view, indexes.length), removed: grouped(view, removed) });
    },
    /** After another layer has been chosen, or other weights have come. */
    refresh() {
      const shown = retinaNow();
      leave();
      if (shown) {
        picture.element.setAttribute("aria-label", say(view, "pixels_spoken", shown.retina));
        row.prepend(frame);
      } else frame.remove();
      picture.redraw();
    },
  };
}

/** @param {Retina} retina @param {number} down @param {number} right */
const isInside = ({ height, width }, down, right) => down >= 0 && right >= 0 && down < height && right < width;

/** The input pixels of a cell, in words; "" where the layer does not read the picture. @param {View} view @param {Layer} layer @param {Plan} plan @param {[row: number, column: number]} at */
export function pixelText(view, layer, plan, [row, column]) {
  const retina = retinaOf(layer);
  if (!retina) return "";
  const { width, channels, kernel } = retina;
  if (kernel) return say(view, "pixel_window", kernel);
  const [from, to] = plan.place(row, column)[0].map((i) => i * layer.steps[0]);
  const pixels = new Set();
  for (let input = from; input <= to; input += layer.steps[0]) pixels.add(Math.floor(input / channels));
  if (pixels.size > 1) return say(view, "pixels", { n: grouped(view, pixels.size) });
  const [pixel] = pixels;
  const at = { row: Math.floor(pixel / width), column: pixel % width };
  return channels > 1 && from === to ? say(view, "pixel_channel", { ...at, channel: from % channels }) : say(view, "pixel", at);
}
