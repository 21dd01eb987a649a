// The weights in their positions: kept ones in colour, pruned ones blank.
import { renderer } from "../page/view.js";
import { announcer, make, write } from "../page/elements.js";
import { marker } from "../page/highlight.js";
import { onKeys, plainKey } from "../page/keys.js";
import { grouped, say, short } from "../page/text.js";
import { afterPause, watch } from "../page/watch.js";
import { canvas, onPointing } from "../page/canvas.js";
import { inMotion } from "../page/motion.js";
import { Layers } from "../numbers/layers.js";
import { ascending } from "../numbers/order.js";
import { mountField } from "../page/field.js";
import { chooseLayer } from "../page/layer_choice.js";
import { Buckets } from "../numbers/buckets.js";
import { bucketCells, fillCells, plan } from "../numbers/grid.js";
import { weightsAt } from "../numbers/marked.js";
import { drawGaps, drawGroups } from "./heatmap_groups.js";
import { mountMarks } from "./heatmap_marks.js";
import { averagedText, cellText, layerText } from "./heatmap_text.js";
import { mountPixels, pixelText } from "./heatmap_pixels.js";
import { GRADIENT, colourOf, drawBlank, paintCells } from "./paint.js";
/** @import { Cells, Plan } from "../numbers/grid.js" */
/** @import { Colours, Layer, View, WeightTraits } from "../types.js" */

const TALLEST = 18; // times the font size
const FEW = 200; // below this many weights, the brightest colour is that of the largest
const MARKED = 8; // CSS pixels; a smaller cell has neither value nor frame and is painted pixel by pixel
const SMALLEST = 3; // CSS pixels; where weights have less room, a cell stands for several

/** @type {Record<string, [rows: number, columns: number]>} */
const BY_KEY = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

/**
 * A plan for the current width, with what was computed for it.
 * @typedef {Plan & {width: number, tallest: number, buckets?: Buckets, texts?: string[], image?: ImageData}} Planned
 */

/**
 * What is on the canvas: a layer, the plan of its cells, a cell's size, and |w| of the brightest colour.
 * @typedef {{layer: Layer, planned: Planned, cellSize: {wide: number, tall: number}, strongest: number}} Drawn
 */

/** A standalone heatmap. */
export const heatmap = renderer((/** @type {View<WeightTraits>} */ view) => {
  let layers = Layers.of(view.model);
  view.sparsityAt = (threshold) => layers.ranking("").sparsity(threshold);
  const field = mountField(view, () => layers.ranking(""));
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
 * @param {View<WeightTraits>} view
 * @param {() => Layers} layers
 * @param {(name: string) => number} thresholdOf the threshold of a layer
 */
export function mountHeatmap(view, layers, thresholdOf) {
  const { model } = view;
  /** Nothing until the first drawing, and again until another layer has been drawn. @type {Drawn | null} */
  let drawn = null;
  /** The cell that the user points at. @type {[row: number, column: number] | null} */
  let cursor = null;
  const title = make("div", { class: "pw-title" });
  const picture = canvas(view, 1800, draw);
  const detail = make("div", { class: "pw-detail", "data-hint": say(view, "hint_heatmap") });
  const readings = make("div", { class: "pw-readings" }, detail);
  const spoken = announcer(view);
  const scale = make("span", { class: "pw-scale", "aria-hidden": "true" });
  const top = make("span");
  const legend = make("div", { class: "pw-legend" }, "|w| 0", scale, top, make("span", { class: "pw-blank", "aria-hidden": "true" }), say(view, "pruned"));
  scale.style.background = GRADIENT;
  view.el.append(
    make(
      "section",
      { class: "pw-panel pw-heatmap", role: "group", "aria-label": say(view, "heatmap") },
      make("div", { class: "pw-head" }, title, legend),
      picture.element,
      readings,
      spoken.element,
    ),
  );
  picture.element.tabIndex = 0;
  picture.element.setAttribute("role", "img");
  picture.element.setAttribute("aria-label", say(view, "heatmap")); // until it is drawn

  const layerNow = () => layers().layer(model.get("layer"));
  const speak = () => spoken.speak(detail.textContent);
  const own = marker(view);
  const marks = mountMarks(view, layers, () => {
    if (view.shared.mark && !own.holds()) cursor = null; // the user points at another picture
    picture.redraw();
    read();
  });

  const drawnThreshold = inMotion(view, thresholdOf, picture.redraw, layers);
  const pixels = mountPixels(view, layers, layerNow, readings, thresholdOf, speak);

  function refresh() {
    drawn = null;
    pixels.refresh();
    leave();
  }

  /** For a screen reader, so not on every frame. */
  const label = afterPause(view, 300, () => {
    if (!drawn) return;
    const { layer } = drawn;
    const removed = layer.count - cellsOf(drawn).kept.reduce((sum, n) => sum + n, 0);
    picture.element.setAttribute(
      "aria-label",
      say(view, "heatmap_spoken", {
        what: title.textContent,
        removed: grouped(view, removed),
        total: grouped(view, layer.count),
      }),
    );
  });

  /** How tall the picture may be, in pixels; a lab leaves it less. @param {number} size of the font */
  const tallestFor = (size) => Math.min(TALLEST * size, parseFloat(getComputedStyle(picture.element).maxHeight) || Infinity);

  /** Chooses the plan for a width and sets the canvas's height. @param {Layer} layer @param {number} width @param {number} size of the font @param {number} tallest @returns {Drawn} */
  function layOut(layer, width, size, tallest) {
    // Displays of the same width share the cells and what was computed for them.
    const latest = layers().once(`cells of ${layer.name}`, () => ({ planned: /** @type {Planned | null} */ (null) }));
    if (latest.planned?.width !== width || latest.planned.tallest !== tallest) {
      latest.planned = { ...plan(layer.shape, tallest / SMALLEST, width / SMALLEST), width, tallest };
    }
    const { planned } = latest;
    if (cursor) leave(); // it may point at other weights now
    const { rows, columns, averaged } = planned;
    const side = Math.min(Math.round(size * 3.2), Math.floor(Math.min(width / columns, tallest / rows)));
    const cellSize = averaged ? { wide: width / columns, tall: Math.min(width / columns, tallest / rows) } : { wide: side, tall: side };
    // A long thin matrix is stretched across: its cells need not be square, only large enough to point at.
    if (!averaged && layer.shape.length === 2 && side < 8) {
      cellSize.wide = Math.max(side, Math.min(Math.floor(width / columns), side * 12));
      cellSize.tall = Math.max(side, Math.min(Math.floor(tallest / rows), side * 12));
    }
    if (averaged && rows / columns > 1) cellSize.tall = tallest / rows;
    picture.setHeight(Math.max(20, Math.ceil(rows * cellSize.tall)));
    write(title, layerText(view, layer));
    detail.dataset.hint = averaged ? averagedText(view, planned) : say(view, "hint_heatmap");
    const strongest = layers().once(`strongest of ${layer.name}`, () => brightest(layers(), layer));
    write(top, layer.count < FEW ? short(strongest) : `≥ ${short(strongest)}`);
    label();
    return { layer, planned, cellSize, strongest };
  }

  /**
   * What the cells hold now; cells of several weights were sorted once, so their weights are not visited one by one.
   * @param {Drawn} drawn @param {(name: string) => number} of the threshold of a layer @returns {Cells}
   */
  function cellsOf({ layer, planned }, of = thresholdOf) {
    const threshold = layers().round(of(layer.name));
    if (!planned.cellOf) return fillCells(layers().weightsOf(layer), layers().scoresOf(layer), threshold);
    const count = planned.rows * planned.columns;
    planned.buckets ??= new Buckets(layers().ordered(layer), layers().order(layer), planned.cellOf, count, layers().orderedSizes(layer));
    return bucketCells(planned.buckets, count, threshold);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} _height @param {Colours} colours */
  function draw(context, width, _height, colours) {
    const layer = layerNow();
    if (!layer) return;
    const tallest = tallestFor(colours.size);
    if (drawn?.planned.width !== width || drawn.planned.tallest !== tallest) drawn = layOut(layer, width, colours.size, tallest);
    const cells = cellsOf(drawn, drawnThreshold);
    const { planned, cellSize, strongest } = drawn;
    const { wide, tall } = cellSize;
    const framed = Math.min(wide, tall) >= MARKED && !planned.averaged;
    if (framed) drawCells(context, drawn, cells, colours);
    else paintCells(context, planned, cellSize, cells, strongest, colours);
    drawGroups(context, drawn, model.get("groups")[layer.name], colours);
    marks.draw(context, drawn, framed, colours);
    if (cursor) {
      context.strokeStyle = colours.mark;
      context.lineWidth = 2;
      context.strokeRect(cursor[1] * wide - 1, cursor[0] * tall - 1, wide + 1, tall + 1);
    }
  }

  /**
   * Draws one cell per weight: coloured, with its value where there is room, or blank.
   * @param {CanvasRenderingContext2D} context @param {Drawn} drawn @param {Cells} cells @param {Colours} colours
   */
  function drawCells(context, { layer, planned, cellSize, strongest }, { kept, mean }, colours) {
    const { wide, tall } = cellSize;
    const weights = layers().weightsOf(layer);
    if (planned.gaps) drawGaps(context, planned, cellSize, colours);
    const roomy = wide >= 34 && tall >= 20;
    if (roomy) planned.texts ??= Array.from(weights, short);
    const texts = roomy ? planned.texts : null;
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
          drawBlank(context, left, up, cellSize, colours);
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

  /** Points at a cell, if there is one. @param {number} row @param {number} column @param {boolean} aloud */
  function pointAt(row, column, aloud) {
    if (!drawn) return;
    const { layer, planned } = drawn;
    if (row < 0 || column < 0 || row >= planned.rows || column >= planned.columns) return;
    if (planned.cell(row, column) < 0) return;
    if (cursor?.[0] !== row || cursor[1] !== column || !own.holds()) {
      cursor = [row, column];
      own.put({ kind: "weights", layer: layer.name, shape: layer.full_shape, steps: layer.steps, indexes: weightsAt(planned, layer, row, column) });
    }
    if (aloud) speak();
  }

  /** Says what the cell pointed at holds, or which cells a bar's weights are in. */
  function read() {
    if (!drawn) return write(detail, "");
    const { layer, planned } = drawn;
    const weight = cursor && layers().weightsOf(layer)[planned.cell(...cursor)];
    const text = marks.text(drawn) || pixels.text();
    if (text || !cursor) return write(detail, text);
    const parts = [cellText(view, layer, planned, cursor, cellsOf(drawn), weight ?? 0), pixelText(view, layer, planned, cursor)];
    return write(detail, parts.filter(Boolean).join("; "));
  }

  /** Points at nothing. */
  function leave() {
    cursor = null;
    own.clear();
    read();
    picture.redraw();
  }

  /** @param {PointerEvent} event */
  const point = (event) => {
    if (!drawn) return;
    const bounds = picture.element.getBoundingClientRect();
    const { wide, tall } = drawn.cellSize;
    pointAt(Math.floor((event.clientY - bounds.top) / tall), Math.floor((event.clientX - bounds.left) / wide), false);
  };
  onPointing(picture.element, point, leave);
  onKeys(view, picture.element, (event) => {
    const by = BY_KEY[plainKey(event)];
    if (!by || !drawn) return;
    event.preventDefault();
    if (!cursor) return pointAt(0, 0, true);
    const { planned } = drawn;
    let [row, column] = [cursor[0] + by[0], cursor[1] + by[1]];
    if (planned.rows > row && row >= 0 && planned.cell(row, column) < 0) [row, column] = [row + by[0], column + by[1]]; // skips a gap
    pointAt(row, column, true);
  });

  watch(view, ["threshold", "thresholds"], () => {
    picture.redraw();
    label();
    read();
  });
  watch(view, ["layer"], refresh);
  return { refresh };
}

/** |w| where the brightest colour begins: the 99.5th percentile, since a few outliers would turn all others dark. @param {Layers} layers @param {Layer} layer */
function brightest(layers, layer) {
  const sizes = layers.criterion === "magnitude" ? layers.ordered(layer) : ascending(layers.orderedSizes(layer));
  return sizes[Math.floor((sizes.length - 1) * (sizes.length < FEW ? 1 : 0.995))] || 1;
}
