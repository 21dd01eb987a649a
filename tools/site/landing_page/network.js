// The weights as dots of light on a dark ground. What the handle removes flares up and goes out.
import { bestPlan } from "./layout.js";
/** @import { Layers } from "../../../prunewidgets/widgets/static/numbers/layers.js" */

const SHADES = [
  [17, 48, 92],
  [25, 104, 168],
  [76, 182, 216],
  [255, 241, 178],
];
const REMOVED = [27, 31, 40];
const FLARE = [245, 130, 48];
const GROUND = "#0c0f15";
const FADE = 0.08; // of what still flares goes out in each frame

/**
 * @param {HTMLCanvasElement} canvas @param {Layers} layers
 * @returns {(removed: number, at_once?: boolean) => void} shows how many weights are removed
 */
export function mountNetwork(canvas, layers) {
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const small = document.createElement("canvas");
  const { values, total } = layers.ranking("");
  const bright = values[Math.floor(0.995 * total)];
  const levels = Uint8Array.from(layers.scores, (score) => Math.min(255, Math.round(255 * (score / bright) ** 0.75)));
  const shades = Uint32Array.from({ length: 256 }, (_, level) => shade(level / 255));
  const [gone, flare] = [REMOVED, FLARE].map(packedColour);
  let fitted = fit();
  let [removed, lit, frame] = [0, 0, 0];

  function fit() {
    const ratio = devicePixelRatio;
    canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio));
    const { plan, side } = bestPlan(layers.list, canvas.width, canvas.height);
    [small.width, small.height] = [plan.wide, plan.tall];
    const image = new ImageData(plan.wide, plan.tall);
    return { plan, side, image, pixels: new Uint32Array(image.data.buffer), mesh: meshOf(context, side) };
  }

  /** The score from which on this many weights are kept. @param {number} count */
  const scoreAt = (count) => (count >= total ? Infinity : values[Math.max(0, Math.round(count))]);

  function draw() {
    frame = 0;
    lit += (removed - lit) * FADE;
    if (Math.abs(removed - lit) < 20) lit = removed;
    const [out, cut] = [scoreAt(Math.min(lit, removed)), scoreAt(removed)];
    const { plan, side, image, pixels, mesh } = fitted;
    const { scores } = layers;
    for (let i = 0; i < scores.length; i += 1) pixels[plan.cells[i]] = scores[i] >= cut ? shades[levels[i]] : scores[i] >= out ? flare : gone;
    /** @type {CanvasRenderingContext2D} */ (small.getContext("2d")).putImageData(image, 0, 0);
    const [wide, tall] = [plan.wide * side, plan.tall * side];
    const [left, top] = [Math.round((canvas.width - wide) / 2), Math.round((canvas.height - tall) / 2)];
    context.fillStyle = GROUND;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.imageSmoothingEnabled = !Number.isInteger(side);
    context.drawImage(small, left, top, wide, tall);
    if (mesh) {
      context.save();
      context.translate(left, top);
      context.fillStyle = mesh;
      context.fillRect(0, 0, wide, tall);
      context.restore();
    }
    if (lit !== removed) frame = requestAnimationFrame(draw);
  }

  new ResizeObserver(() => {
    fitted = fit();
    draw();
  }).observe(canvas);
  return (count, atOnce = false) => {
    removed = count;
    if (atOnce) lit = count;
    if (!frame) frame = requestAnimationFrame(draw);
  };
}

/** The colour of a size from 0 to 1. @param {number} size */
function shade(size) {
  const place = size * (SHADES.length - 1);
  const from = Math.min(Math.floor(place), SHADES.length - 2);
  return packedColour(SHADES[from].map((value, k) => Math.round(value + (SHADES[from + 1][k] - value) * (place - from))));
}

/** As ImageData has it in memory. @param {number[]} colour */
const packedColour = ([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;

/** The dark lines that make dots of cells. @param {CanvasRenderingContext2D} context @param {number} side @returns {CanvasPattern | null} */
function meshOf(context, side) {
  if (side < 2 || !Number.isInteger(side)) return null;
  const tile = document.createElement("canvas");
  [tile.width, tile.height] = [side, side];
  const drawing = /** @type {CanvasRenderingContext2D} */ (tile.getContext("2d"));
  drawing.fillStyle = GROUND;
  drawing.globalAlpha = side === 2 ? 0.45 : 0.9;
  const line = Math.max(1, Math.round(side / 4));
  drawing.fillRect(0, side - line, side, line);
  drawing.fillRect(side - line, 0, line, side - line);
  return context.createPattern(tile, "repeat");
}
