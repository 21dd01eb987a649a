// Beside a heatmap of a layer that reads the input picture: that picture, small, with the pixels of the marked weights.
import { canvas } from "../page/canvas.js";
import { make } from "../page/elements.js";
import { onHighlight } from "../page/highlight.js";
import { grouped, say } from "../page/text.js";
import { markedPixels, retinaOf } from "../numbers/pixels.js";
/** @import { Plan } from "../numbers/grid.js" */
/** @import { Layers } from "../numbers/layers.js" */
/** @import { Colours, Layer, View } from "../types.js" */

const CLEAR = 4; // CSS pixels at least for a single pixel

/**
 * Puts the picture into `row` while the layer shown reads one.
 * @param {View} view @param {() => Layers} layers @param {() => Layer | undefined} layerNow @param {HTMLElement} row
 */
export function mountPixels(view, layers, layerNow, row) {
  const size = view.root.classList.contains("pw-lab") ? 2.6 : 5; // em; a lab has less room
  const picture = canvas(view, 100 * size, draw);
  const frame = make("div", { class: "pw-pixels", "aria-hidden": "true" }, picture.element); // the text says it
  frame.style.width = `${size}em`;
  const idle = () => frame.classList.toggle("pw-idle", view.shared.mark === null); // a lab has room for the hint or for it
  onHighlight(view, () => {
    idle();
    picture.redraw();
  });
  idle();

  /** @param {CanvasRenderingContext2D} context @param {number} across @param {number} down @param {Colours} colours */
  function draw(context, across, down, colours) {
    const layer = layerNow();
    const retina = layer && retinaOf(layer);
    if (!retina) return;
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
    /** After another layer has been chosen, or other weights have come. */
    refresh() {
      const layer = layerNow();
      if (layer && retinaOf(layer)) row.prepend(frame);
      else frame.remove();
      picture.redraw();
    },
  };
}

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
