// A convolution, window by window: the image, the products under the filter, the output, and the heatmap of all filters.
import { renderer } from "../page/view.js";
import { announcer, make, write } from "../page/elements.js";
import { onKeys, plainKey } from "../page/keys.js";
import { grouped, say, short } from "../page/text.js";
import { afterPause, watch } from "../page/watch.js";
import { canvas } from "../page/canvas.js";
import { inMotion } from "../page/motion.js";
import { convolved, placeOf, products } from "../numbers/convolution.js";
import { Layers } from "../numbers/layers.js";
import { floats } from "../numbers/ranking.js";
import { mountSlider } from "./slider.js";
import { colourOf } from "./paint.js";
/** @import { Colours, ConvolutionTraits, View } from "../types.js" */

const SIDE = 1500; // of a picture, in hundredths of the font size
const [SMALL, MIDDLE] = [3, 5]; // a window's columns up to which a cell has room for three lines, and for its product
/** @type {Record<string, [rows: number, columns: number]>} */
const BY_KEY = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };

export const convolution = renderer((/** @type {View<ConvolutionTraits>} */ view) => {
  const { model, el } = view;
  let layers = Layers.of(model);
  let marked = -1; // a weight of the filter, row by row; -1 for none
  view.sparsityAt = (threshold) => layers.ranking("").sparsity(threshold);

  const input = canvas(view, SIDE, drawInput);
  const output = canvas(view, SIDE, drawOutput);
  const bank = canvas(view, SIDE, drawBank);
  const grid = make("div", { class: "pw-window" });
  const sum = make("div", { class: "pw-window-sum" });
  const detail = make("div", { class: "pw-detail", "data-hint": say(view, "hint_convolution") });
  const spoken = announcer(view);
  const choice = make("select", { class: "pw-select pw-convolution-choice", "aria-label": say(view, "conv_filter") });
  choice.addEventListener("change", () => put({ filter: Number(choice.value) }));
  /** @param {string} key @param {...HTMLElement} parts */
  const panel = (key, ...parts) => make("div", { class: "pw-convolution-part" }, make("div", { class: "pw-title" }, say(view, key)), ...parts);
  const row = make(
    "div",
    { class: "pw-convolution" },
    panel("conv_image", input.element),
    panel("conv_window", grid, sum),
    panel("conv_output", output.element),
    panel("conv_filters", bank.element),
  );
  el.append(make("label", { class: "pw-pair" }, say(view, "conv_filter"), choice), row, detail, spoken.element);
  const slider = mountSlider(view, () => layers.ranking(""));
  for (const { element } of [input, output]) {
    element.tabIndex = 0;
    element.setAttribute("role", "application");
    onKeys(view, element, walk);
  }
  bank.element.setAttribute("role", "img");

  const save = afterPause(view, 200, () => model.save_changes());
  /** @param {Partial<Record<"filter" | "row" | "column", number>>} place */
  function put(place) {
    for (const name of /** @type {const} */ (["filter", "row", "column"])) {
      const value = place[name];
      if (value !== undefined) model.set(name, value);
    }
    save();
  }

  /** What is on the screen: the sizes, and the output of the filter. */
  function state() {
    const [tall = 0, wide = 0, , filters = 0] = layers.list[0]?.shape ?? [];
    const kernel = { tall, wide, filters };
    const size = model.get("image_size");
    const pixels = floats(model.get("image"), "float32");
    const image = pixels.length === size[0] * size[1] ? Float32Array.from(pixels) : new Float32Array(size[0] * size[1]);
    const filter = Math.min(model.get("filter"), filters - 1);
    const threshold = layers.ranking("").round(model.get("threshold"));
    /** @param {number} i */
    const weightAt = (i) => (layers.scores[placeOf(kernel, filter, i)] < threshold ? 0 : layers.weights[placeOf(kernel, filter, i)]);
    const out = convolved(image, size, kernel, weightAt);
    const [top, left] = [Math.min(model.get("row"), out.rows - 1), Math.min(model.get("column"), out.columns - 1)];
    const terms = products(image, size[1], kernel, weightAt, top, left);
    return { kernel, size, image, filter, threshold, out, top, left, terms };
  }
  let now = state();
  const drawnThreshold = inMotion(
    view,
    () => now.threshold,
    bank.redraw,
    () => layers,
  );

  function show() {
    now = state();
    const { kernel, filter, threshold, terms, top, left } = now;
    if (choice.options.length !== kernel.filters)
      choice.replaceChildren(...Array.from({ length: kernel.filters }, (_, i) => make("option", { value: i }, String(i))));
    choice.value = String(filter);
    grid.style.gridTemplateColumns = `repeat(${kernel.wide}, minmax(0, 1fr))`;
    const removed = terms.map((_, i) => layers.scores[placeOf(kernel, filter, i)] < threshold);
    const texts = terms.map((term) => textsOf(term, kernel.wide));
    const longest = texts.flat().reduce((most, text) => Math.max(most, text.length), kernel.wide > SMALL ? 5 : 7);
    grid.style.setProperty("--pw-room", String(kernel.wide * longest));
    const strongest = terms.reduce((most, { product }) => Math.max(most, Math.abs(product)), 0) || 1;
    grid.replaceChildren(
      ...terms.map(({ product }, i) => {
        const classes = `pw-product${removed[i] ? " pw-zero" : ""}${i === marked ? " pw-marked" : ""}`;
        const cell = make("div", { class: classes, "data-place": i }, ...texts[i].map((text, line) => make(line === 2 ? "b" : "span", {}, text)));
        if (kernel.wide > SMALL && !removed[i]) {
          const colour = product < 0 ? "pruned" : "kept";
          cell.style.background = `color-mix(in srgb, var(--pw-${colour}) ${Math.round((70 * Math.abs(product)) / strongest)}%, var(--pw-panel))`;
        }
        return cell;
      }),
    );
    const total = terms.reduce((all, { product }) => all + product, 0);
    const values = { row: top, column: left, sum: short(total), kept: removed.filter((gone) => !gone).length, total: terms.length };
    write(sum, say(view, "conv_sum", values));
    const text = say(view, "conv_at", { ...values, filter: grouped(view, filter) });
    for (const { element } of [input, output]) element.setAttribute("aria-label", text);
    bank.element.setAttribute("aria-label", say(view, "conv_bank", { filters: kernel.filters, filter }));
    for (const each of [input, output, bank]) each.redraw();
  }

  /** @param {KeyboardEvent} event */
  function walk(event) {
    const by = BY_KEY[plainKey(event)];
    if (!by) return;
    event.preventDefault();
    move(now.top + by[0], now.left + by[1]);
    spoken.speak(input.element.getAttribute("aria-label") ?? "");
  }

  /** Puts the window, within the image. @param {number} top @param {number} left */
  const move = (top, left) => put({ row: Math.max(0, Math.min(now.out.rows - 1, top)), column: Math.max(0, Math.min(now.out.columns - 1, left)) });

  /** @param {HTMLElement} element @param {(row: number, column: number) => void} at @param {() => number[]} sizes rows and columns of the picture */
  function point(element, at, sizes) {
    const follow = (/** @type {PointerEvent} */ event) => {
      const [rows, columns] = sizes();
      const side = Math.min(element.clientWidth / columns, element.clientHeight / rows);
      at(Math.floor(event.offsetY / side), Math.floor(event.offsetX / side));
    };
    element.addEventListener("pointermove", (event) => {
      if (event.pointerType === "mouse" || event.buttons) follow(event);
    });
    element.addEventListener("pointerdown", follow);
  }
  point(
    input.element,
    (top, left) => move(top - ((now.kernel.tall - 1) >> 1), left - ((now.kernel.wide - 1) >> 1)),
    () => now.size,
  );
  point(output.element, move, () => [now.out.rows, now.out.columns]);
  bank.element.addEventListener("click", (event) => {
    const { across, tile } = tiles(bank.element.clientWidth, bank.element.clientHeight);
    const chosen = Math.floor(event.offsetY / tile) * across + Math.min(across - 1, Math.floor(event.offsetX / tile));
    if (chosen < now.kernel.filters) put({ filter: chosen });
  });
  grid.addEventListener("pointerover", (event) => mark(event.target instanceof Element ? event.target.closest("[data-place]") : null));
  grid.addEventListener("pointerleave", () => mark(null));

  /** Follows one weight of the filter. @param {Element | null} cell */
  function mark(cell) {
    marked = cell instanceof HTMLElement ? Number(cell.dataset.place) : -1;
    for (const [i, each] of Array.from(grid.children).entries()) each.classList.toggle("pw-marked", i === marked);
    const term = now.terms[marked];
    const place = { row: Math.floor(marked / now.kernel.wide), column: marked % now.kernel.wide };
    write(detail, term ? say(view, "conv_weight", { ...place, pixel: short(term.pixel), weight: short(term.weight), product: short(term.product) }) : "");
    for (const each of [input, bank]) each.redraw();
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height @param {Colours} colours */
  function drawInput(context, width, height, colours) {
    const { image, size, kernel, top, left } = now;
    const side = Math.min(width / size[1], height / size[0]);
    const [low, high] = [image.reduce((a, b) => Math.min(a, b), Infinity), image.reduce((a, b) => Math.max(a, b), -Infinity)];
    image.forEach((value, i) => {
      const grey = Math.round((255 * (value - low)) / (high - low || 1));
      context.fillStyle = `rgb(${grey}, ${grey}, ${grey})`;
      context.fillRect((i % size[1]) * side, Math.floor(i / size[1]) * side, side + 0.5, side + 0.5);
    });
    context.strokeStyle = colours.line; // else the end of a white image is not seen
    context.strokeRect(0.5, 0.5, size[1] * side - 1, size[0] * side - 1);
    frame(context, colours, left * side, top * side, kernel.wide * side, kernel.tall * side);
    if (marked >= 0) frame(context, colours, (left + (marked % kernel.wide)) * side, (top + Math.floor(marked / kernel.wide)) * side, side, side);
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height @param {Colours} colours */
  function drawOutput(context, width, height, colours) {
    const { out, top, left } = now;
    const side = Math.min(width / out.columns, height / out.rows);
    const strongest = out.sums.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    context.fillStyle = colours.ground;
    context.fillRect(0, 0, out.columns * side, out.rows * side);
    out.sums.forEach((value, at) => {
      context.globalAlpha = Math.abs(value) / strongest;
      context.fillStyle = value < 0 ? colours.pruned : colours.kept;
      context.fillRect((at % out.columns) * side, Math.floor(at / out.columns) * side, side, side);
    });
    context.globalAlpha = 1;
    context.strokeStyle = colours.line;
    context.strokeRect(0.5, 0.5, out.columns * side - 1, out.rows * side - 1);
    frame(context, colours, left * side, top * side, side, side);
  }

  /** @param {number} width @param {number} height */
  function tiles(width, height) {
    const across = Math.ceil(Math.sqrt(now.kernel.filters));
    return { across, tile: Math.min(width, height) / across };
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height @param {Colours} colours */
  function drawBank(context, width, height, colours) {
    const { kernel, filter } = now;
    const threshold = drawnThreshold("threshold");
    const { across, tile } = tiles(width, height);
    const side = (tile - 6) / Math.max(kernel.tall, kernel.wide);
    const strongest = Float64Array.from(layers.scores).reduce((most, value) => Math.max(most, value), 0) || 1;
    for (let f = 0; f < kernel.filters; f += 1) {
      const [x, y] = [(f % across) * tile + 3, Math.floor(f / across) * tile + 3];
      for (let i = 0; i < kernel.tall * kernel.wide; i += 1) {
        const score = layers.scores[placeOf(kernel, f, i)];
        const [left, top] = [x + (i % kernel.wide) * side, y + Math.floor(i / kernel.wide) * side];
        context.fillStyle = score < threshold ? colours.ground : colourOf(score / strongest);
        context.fillRect(left, top, side - 0.5, side - 0.5);
        if (f === filter && i === marked) frame(context, colours, left, top, side, side);
      }
      context.strokeStyle = colours.line;
      context.strokeRect(x - 0.5, y - 0.5, kernel.wide * side + 1, kernel.tall * side + 1);
      if (f === filter) frame(context, colours, x, y, kernel.wide * side, kernel.tall * side);
    }
  }

  watch(view, ["generation"], () => {
    layers = Layers.of(model);
    slider.refresh();
    show();
  });
  watch(view, ["threshold", "filter", "row", "column", "image"], show);
});

/** What is written in a cell of the window: all of it, the product alone, or nothing where its colour must do. @param {{pixel: number, weight: number, product: number}} term @param {number} wide */
function textsOf({ pixel, weight, product }, wide) {
  if (wide <= SMALL) return [brief(pixel), `× ${brief(weight)}`, `= ${brief(product)}`];
  return wide <= MIDDLE ? [brief(product)] : [];
}

/** A number in the little room of a window's cell. @param {number} x */
const brief = (x) => short(Number(x.toFixed(2)));

/** A frame that is seen on any colour. @param {CanvasRenderingContext2D} context @param {Colours} colours @param {number} x @param {number} y @param {number} wide @param {number} tall */
function frame(context, colours, x, y, wide, tall) {
  for (const [style, width] of /** @type {[string, number][]} */ ([
    [colours.panel, 5],
    [colours.mark, 2.5],
  ])) {
    context.strokeStyle = style;
    context.lineWidth = width;
    context.strokeRect(x, y, wide, tall);
  }
  context.lineWidth = 1;
}
