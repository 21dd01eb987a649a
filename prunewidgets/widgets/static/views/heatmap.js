// The weights in their positions: kept ones in colour, pruned ones blank.
import { renderer } from "../page/view.js";
import { announcer, make, write } from "../page/elements.js";
import { onKeys, plainKey } from "../page/keys.js";
import { grouped, percent, say, short } from "../page/text.js";
import { afterPause, watch } from "../page/watch.js";
import { canvas } from "../page/canvas.js";
import { Layers } from "../numbers/layers.js";
import { ascending } from "../numbers/order.js";
import { mountField } from "../page/field.js";
import { chooseLayer } from "../page/layer_choice.js";
import { Buckets } from "../numbers/buckets.js";
import { bucketCells, fillCells, plan } from "../numbers/grid.js";
import { GRADIENT, colourOf, paintCells } from "./paint.js";
/** @import { Layer } from "../numbers/layers.js" */
/** @import { View } from "../page/view.js" */

const TALLEST = 18; // times the font size
const FEW = 200; // below this many weights, the brightest colour is that of the largest
const MARKED = 8; // CSS pixels; a smaller cell has neither value nor frame and is painted pixel by pixel
const SMALLEST = 3; // CSS pixels; where weights have less room, a cell stands for several

/**
 * A plan for the current width, with what was computed for it.
 * @typedef {import("../numbers/grid.js").Plan & {width: number, tallest: number, buckets?: Buckets, texts?: string[], image?: ImageData}} Planned
 */

/** A standalone heatmap. */
export const heatmap = renderer((view) => {
  /** @type {Layers} */
  let layers = null;
  view.sparsityAt = (threshold) => layers.ranking("").sparsity(threshold);
  const field = mountField(view, () => layers?.ranking(""));
  const chooser = chooseLayer(view, () => layers);
  const shown = mountHeatmap(
    view,
    () => layers,
    () => view.model.get("threshold"),
  );
  watch(view, ["generation"], () => {
    layers = Layers.of(view.model);
    chooser.refresh();
    field.recount();
    field.show();
    shown.refresh();
  });
});

/**
 * @param {View} view
 * @param {() => Layers} layers
 * @param {(name: string) => number} thresholdOf the threshold of a layer
 */
export function mountHeatmap(view, layers, thresholdOf) {
  const { model } = view;
  /** @type {Layer} */
  let layer = null;
  /** @type {Planned} */
  let planned = null;
  /** @type {{wide: number, tall: number}} */
  let cellSize = null; // where the cells lie on the canvas
  /** @type {[number, number]} */
  let cursor = null; // [row, column]
  let strongest = 1;
  const title = make("div", { class: "pw-title" });
  const picture = canvas(view, 1800, draw);
  const detail = make("div", { class: "pw-detail", "data-hint": say(view, "hint_heatmap") });
  const spoken = announcer(view);
  const scale = make("span", { class: "pw-scale", "aria-hidden": "true" });
  const top = make("span");
  const legend = make("div", { class: "pw-legend" }, "|w| 0", scale, top, make("span", { class: "pw-blank", "aria-hidden": "true" }), say(view, "pruned"));
  scale.style.background = GRADIENT;
  view.el.append(
    make(
      "section",
      { class: "pw-panel pw-heatmap", "aria-label": say(view, "heatmap") },
      make("div", { class: "pw-head" }, title, legend),
      picture.element,
      detail,
      spoken.element,
    ),
  );
  picture.element.tabIndex = 0;
  picture.element.setAttribute("role", "img");

  function refresh() {
    layer = layers().layer(model.get("layer"));
    planned = null;
    cursor = null;
    write(detail, "");
    picture.redraw();
  }

  /** For a screen reader, so not on every frame. */
  const label = afterPause(view, 300, () => {
    if (!planned) return;
    const removed = layer.count - cells().kept.reduce((sum, n) => sum + n, 0);
    picture.element.setAttribute(
      "aria-label",
      say(view, "heatmap_spoken", {
        what: title.textContent,
        removed: grouped(view, removed),
        total: grouped(view, layer.count),
      }),
    );
  });

  /** Chooses the plan for the current width and sets the canvas's height. */
  function layOut(width, size) {
    if (planned && planned.width === width) return;
    const tallest = TALLEST * size;
    // Displays of the same width share the cells and what was computed for them.
    const latest = layers().once(`cells of ${layer.name}`, () => ({ planned: null }));
    if (latest.planned?.width !== width || latest.planned.tallest !== tallest) {
      latest.planned = { ...plan(layer.shape, tallest / SMALLEST, width / SMALLEST), width, tallest };
    }
    planned = latest.planned;
    cursor = null; // it may point at other weights now
    const { rows, columns, averaged } = planned;
    const side = Math.min(Math.round(size * 3.2), Math.floor(Math.min(width / columns, tallest / rows)));
    cellSize = averaged ? { wide: width / columns, tall: Math.min(width / columns, tallest / rows) } : { wide: side, tall: side };
    // A long thin matrix is stretched across: its cells need not be square, only large enough to point at.
    if (!averaged && layer.shape.length === 2 && side < 8) {
      cellSize.wide = Math.max(side, Math.min(Math.floor(width / columns), side * 12));
      cellSize.tall = Math.max(side, Math.min(Math.floor(tallest / rows), side * 12));
    }
    if (averaged && rows / columns > 1) cellSize.tall = tallest / rows;
    picture.setHeight(Math.max(20, Math.ceil(rows * cellSize.tall)));
    write(title, describe());
    strongest = layers().once(`strongest of ${layer.name}`, () => brightest(layers(), layer));
    write(top, layer.count < FEW ? short(strongest) : `≥ ${short(strongest)}`);
    label();
  }

  function describe() {
    const shape = layer.full_shape.join(" × ");
    const parts = [say(view, "layer_shape", { layer: layer.name, shape })];
    if (planned.averaged) {
      const each = planned.place(0, 0).reduce((product, [from, to]) => product * (to - from + 1), 1);
      parts.push(say(view, "averaged", { each: grouped(view, each) }));
    }
    if (layer.count < layer.size) parts.push(say(view, "sampled", { shown: grouped(view, layer.count), size: grouped(view, layer.size) }));
    return parts.join(" — ");
  }

  /** What the cells hold now; cells of several weights were sorted once, so their weights are not visited one by one. */
  function cells() {
    const threshold = layers().round(thresholdOf(layer.name));
    if (!planned.averaged) return fillCells(layers().weightsOf(layer), layers().scoresOf(layer), threshold);
    const count = planned.rows * planned.columns;
    planned.buckets ??= new Buckets(layers().ordered(layer), layers().order(layer), planned.cellOf, count, layers().orderedSizes(layer));
    return bucketCells(planned.buckets, count, threshold);
  }

  function draw(context, width, height, colours) {
    if (!layer) return;
    layOut(width, colours.size);
    const contents = cells();
    const { wide, tall } = cellSize;
    if (Math.min(wide, tall) < MARKED || planned.averaged) paintCells(context, planned, cellSize, contents, strongest, colours);
    else drawCells(context, contents, colours);
    if (cursor) {
      context.strokeStyle = colours.mark;
      context.lineWidth = 2;
      context.strokeRect(cursor[1] * wide - 1, cursor[0] * tall - 1, wide + 1, tall + 1);
    }
  }

  /** Draws one cell per weight: coloured, with its value where there is room, or blank. */
  function drawCells(context, { kept, mean }, colours) {
    const { wide, tall } = cellSize;
    const weights = layers().weightsOf(layer);
    if (planned.gaps) {
      // The gaps between filters, so that a blank filter still shows its edges.
      context.globalAlpha = 0.5;
      context.fillStyle = colours.line;
      context.fillRect(0, 0, planned.columns * wide, planned.rows * tall);
      context.globalAlpha = 1;
    }
    const texts = wide < 34 || tall < 20 ? null : (planned.texts ??= Array.from(weights, short));
    const longest = Math.max(5, ...(texts ?? []).map((text) => text.length));
    context.font = `${Math.min(colours.size, (1.6 * wide) / longest)}px ${colours.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (let row = 0; row < planned.rows; row += 1) {
      for (let column = 0; column < planned.columns; column += 1) {
        const cell = planned.cell(row, column);
        if (cell < 0) continue;
        const [left, up] = [column * wide, row * tall];
        if (!kept[cell]) {
          drawBlank(context, left, up, wide, tall, colours);
          continue;
        }
        const strength = mean[cell] / strongest;
        context.fillStyle = colourOf(strength);
        context.fillRect(left, up, wide - 1, tall - 1);
        if (!texts) continue;
        context.fillStyle = strength > 0.55 ? "#000" : "#fff";
        context.fillText(texts[cell], left + wide / 2, up + tall / 2);
      }
    }
  }

  function drawBlank(context, left, up, wide, tall, colours) {
    context.fillStyle = colours.ground;
    context.fillRect(left, up, wide, tall);
    context.strokeStyle = colours.line;
    context.lineWidth = 1;
    context.strokeRect(left + 0.5, up + 0.5, wide - 1, tall - 1);
    context.beginPath();
    context.moveTo(left + wide * 0.3, up + tall * 0.7);
    context.lineTo(left + wide * 0.7, up + tall * 0.3);
    context.stroke();
  }

  function pointAt(row, column, speak) {
    if (!planned || row < 0 || column < 0 || row >= planned.rows || column >= planned.columns) return;
    const cell = planned.cell(row, column);
    if (cell < 0) return;
    cursor = [row, column];
    const { kept, size, mean } = cells();
    const place = placeText(planned.place(row, column));
    if (planned.averaged) {
      detail.textContent = say(view, "cell_averaged", {
        place,
        size: grouped(view, size[cell]),
        kept: grouped(view, kept[cell]),
        share: percent(view, kept[cell] / size[cell], 0),
        mean: short(mean[cell]),
      });
    } else {
      const state = say(view, kept[cell] ? "kept" : "pruned");
      detail.textContent = say(view, "cell", { place, value: String(Number(layers().weightsOf(layer)[cell].toPrecision(6))).replace("-", "−"), state });
    }
    if (speak) spoken.speak(detail.textContent);
    picture.redraw();
  }

  /** An index in the model's own array, even if only every n-th row or column was sent. */
  function placeText(ranges) {
    const text = ([from, to], axis) =>
      [from, to]
        .filter((i, j) => j === 0 || to > from)
        .map((i) => i * layer.steps[axis])
        .join("–");
    const index = ranges.map(text);
    if (layer.shape.length < 2) return say(view, "place_vector", { index: index[0] ?? 0 });
    if (layer.shape.length === 2) return say(view, "place", { row: index[0], column: index[1] });
    if (!layer.channels?.length) return say(view, "place_vector", { index: index.join(", ") });
    const [input, filter] = layer.channels.map((axis) => index[axis]);
    const place = index.filter((_, axis) => !layer.channels.includes(axis)).join(", ");
    return say(view, planned.averaged ? "place_kernels" : "place_kernel", { filter, input, place });
  }

  picture.element.addEventListener("pointermove", (event) => {
    if (!cellSize) return;
    const bounds = picture.element.getBoundingClientRect();
    pointAt(Math.floor((event.clientY - bounds.top) / cellSize.tall), Math.floor((event.clientX - bounds.left) / cellSize.wide), false);
  });
  onKeys(view, picture.element, (event) => {
    const by = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[plainKey(event)];
    if (!by || !planned) return;
    event.preventDefault();
    if (!cursor) return pointAt(0, 0, true);
    let [row, column] = [cursor[0] + by[0], cursor[1] + by[1]];
    if (planned.rows > row && row >= 0 && planned.cell(row, column) < 0) [row, column] = [row + by[0], column + by[1]]; // skips a gap
    pointAt(row, column, true);
  });

  watch(view, ["threshold", "thresholds"], () => {
    picture.redraw();
    label();
    if (cursor) pointAt(...cursor, false);
  });
  watch(view, ["layer"], () => {
    if (layers()) refresh();
  });
  return { refresh };
}

/** |w| where the brightest colour begins: the 99.5th percentile, since a few outliers would turn all others dark. */
function brightest(layers, layer) {
  const sizes = layers.criterion === "magnitude" ? layers.ordered(layer) : ascending(layers.orderedSizes(layer));
  return sizes[Math.floor((sizes.length - 1) * (sizes.length < FEW ? 1 : 0.995))] || 1;
}
