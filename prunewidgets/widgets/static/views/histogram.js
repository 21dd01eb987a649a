// Signed weights as bars, with the part that the threshold removes hatched; the threshold can be dragged.
import { renderer } from "../page/view.js";
import { announcer, checkbox, make, write } from "../page/elements.js";
import { marker, onHighlight } from "../page/highlight.js";
import { arrowOf, onKeys, plainKey } from "../page/keys.js";
import { grouped, say, short } from "../page/text.js";
import { afterPause, watch } from "../page/watch.js";
import { canvas, onLeaving } from "../page/canvas.js";
import { inMotion } from "../page/motion.js";
import { commit } from "../page/moving.js";
import { onPress } from "../page/press.js";
import { BINS, barOf, countBars, countRemoved, edgeOf, scoreAt, removedZone } from "../numbers/bars.js";
import { Layers } from "../numbers/layers.js";
import { markedBars } from "../numbers/marked.js";
import { chooseLayer } from "../page/layer_choice.js";
import { mountField } from "../page/field.js";
import { drawAxes, hatch, leftMargin, margins, roundTicks } from "../page/axes.js";
/** @import { Colours, View, WeightTraits } from "../types.js" */

/** A standalone histogram. */
export const histogram = renderer((/** @type {View<WeightTraits>} */ view) => {
  let layers = Layers.of(view.model);
  view.sparsityAt = (threshold) => layers.ranking("").sparsity(threshold);
  const field = mountField(view, () => layers.ranking(""));
  const chooser = chooseLayer(view, () => layers, say(view, "all_layers"));
  const shown = mountHistogram(
    view,
    () => layers,
    () => view.model.get("threshold"),
    field,
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
 * @param {ReturnType<typeof mountField>} field moves the threshold
 */
export function mountHistogram(view, layers, thresholdOf, { move, remember, stepBy }) {
  const { model } = view;
  let logarithmic = false;
  const title = make("div", { class: "pw-title" });
  const picture = canvas(view, 1600, draw);
  const detail = make("div", { class: "pw-detail", "data-hint": say(view, "hint_histogram") });
  const log = checkbox(say(view, "log_counts"), logarithmic, (on) => {
    logarithmic = on;
    picture.redraw();
  });
  const head = make("div", { class: "pw-head" }, title, log);
  const spoken = announcer(view);
  view.el.append(
    make("section", { class: "pw-panel pw-histogram", role: "group", "aria-label": say(view, "histogram") }, head, picture.element, detail, spoken.element),
  );
  picture.element.tabIndex = 0;
  picture.element.setAttribute("role", "img");

  const layerName = () => model.get("layer") || (layers().list.length === 1 ? layers().list[0].name : say(view, "all_layers"));
  /** Whose weights, and what the cut goes by; an array given alone has no name of its own. */
  const heading = () => say(view, layerName() === "weights" ? "weights_alone" : "weights_of", { layer: layerName(), criterion: layers().criterion });
  const parts = () => layers().list.filter(({ name }) => !model.get("layer") || name === layers().layer(model.get("layer"))?.name);
  /** Counted on first use, then shared by all displays of these weights. */
  const bars = () => layers().once(`bars of ${model.get("layer")}`, () => countBars(layers(), parts()));
  const removedNow = (of = thresholdOf) => countRemoved(bars(), (name) => layers().round(of(name)));
  const drawnThreshold = inMotion(view, thresholdOf, picture.redraw, layers);

  function refresh() {
    /** @param {"count" | "size"} of */
    const sum = (of) =>
      grouped(
        view,
        parts().reduce((total, part) => total + part[of], 0),
      );
    const sampled = parts().some(({ count, size }) => count < size) ? ` — ${say(view, "sampled", { shown: sum("count"), size: sum("size") })}` : "";
    write(title, heading() + sampled);
    picture.redraw();
    label();
    if (pointed >= 0) pointAt(pointed);
    else read();
  }

  /** For a screen reader, so not on every frame. */
  const label = afterPause(view, 300, () => {
    const { count, low, high } = bars();
    const removed = removedNow().reduce((sum, n) => sum + n, 0);
    picture.element.setAttribute(
      "aria-label",
      say(view, "histogram_spoken", {
        weights: heading(),
        total: grouped(view, count),
        removed: grouped(view, removed),
        low: short(low),
        high: short(high),
      }),
    );
  });

  /** Beside the bars, as they were last drawn. */
  let beside = { left: 0, right: 0 };
  /** The weight at a position in the picture. @param {MouseEvent} event */
  const inside = (event) => {
    const box = picture.element.getBoundingClientRect();
    const { left, right } = beside;
    return ((event.clientX - box.left - left) / (box.width - left - right)) * 2 * bars().reach - bars().reach;
  };
  /** @param {MouseEvent} event */
  const scoreUnder = (event) => scoreAt(inside(event), layers().criterion, bars());
  // While dragged, the threshold follows the pointer, on either side of zero.
  let dragging = false;
  /** @param {boolean} now */
  const setDragging = (now) => {
    dragging = view.shared.dragging = now;
  };
  onPress(picture.element, (event) => {
    const threshold = scoreUnder(event);
    if (threshold === null) return;
    remember();
    setDragging(true);
    marks.clear(); // a drag shows what it removes, and nothing else
    picture.element.setPointerCapture(event.pointerId);
    move(threshold, 250);
  });
  picture.element.addEventListener("pointermove", (event) => {
    const threshold = dragging ? scoreUnder(event) : null;
    if (threshold !== null) move(threshold, 250);
    pointAt(barUnder(event));
  });
  picture.element.addEventListener("pointerup", (event) => pointAt(barUnder(event), false)); // for a finger, which does not hover
  // Sent after the pointer is released, and also when the system takes it away.
  picture.element.addEventListener("lostpointercapture", () => {
    if (!dragging) return;
    setDragging(false);
    commit(view);
  });
  const leave = () => pointAt(-1);
  onLeaving(picture.element, leave);
  onKeys(view, picture.element, (event) => {
    const by = arrowOf(event);
    if (!by) return;
    event.preventDefault();
    if (["ArrowUp", "ArrowDown"].includes(plainKey(event))) stepBar(by);
    else stepBy(by * (event.shiftKey ? 10 : 1));
  });

  /** The bar that the user points at, or -1. */
  let pointed = -1;
  const marks = marker(view);
  /** @param {MouseEvent} event */
  const barUnder = (event) => barOf(inside(event), bars().reach);

  /** Points at a bar; at none outside. @param {number} bin @param {boolean} held whether a drag is under way */
  function pointAt(bin, held = dragging) {
    const { reach, totals } = bars();
    pointed = bin >= 0 && bin < BINS ? bin : -1;
    const layer = model.get("layer");
    const { mark } = view.shared;
    if (held || !totals[pointed]) marks.clear();
    else if (mark?.kind !== "bar" || mark.bin !== bin || mark.reach !== reach || mark.layer !== layer) marks.put({ kind: "bar", layer, bin, reach });
    read();
  }

  /** Goes to the next bar that is not empty, beginning in the middle. @param {number} by */
  function stepBar(by) {
    const { totals } = bars();
    let bin = pointed < 0 ? (BINS - 1) / 2 : pointed + by;
    while (bin >= 0 && bin < BINS && !totals[bin]) bin += by;
    if (bin >= 0 && bin < BINS) pointAt(bin);
    spoken.speak(detail.textContent);
  }

  /** What is marked: the bar pointed at here, or those of the cell pointed at in a heatmap. */
  const marked = () => view.shared.mark && markedBars(view.shared.mark, layers(), bars());

  /** Says what the bar pointed at counts, or the one that holds the marked weight. */
  function read() {
    const { reach, totals } = bars();
    const counts = pointed < 0 ? marked() : null;
    const bin = counts?.places === 1 ? counts.counts.findIndex((n) => n > 0) : pointed;
    if (bin >= 0) {
      const [low, high] = [edgeOf(bin, reach), edgeOf(bin + 1, reach)].map(short);
      write(detail, say(view, "bar", { low, high, total: grouped(view, totals[bin]), removed: grouped(view, removedNow()[bin]) }));
    } else write(detail, counts ? say(view, "marked_bars", { marked: grouped(view, counts.weights), bars: grouped(view, counts.places) }) : "");
  }
  onHighlight(view, () => {
    picture.redraw();
    read();
  });

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height @param {Colours} colours */
  function draw(context, width, height, colours) {
    const { reach, totals } = bars();
    const removed = removedNow(drawnThreshold);
    const tallest = Math.max(1, ...totals);
    /** The height of a bar, 0 to 1. @param {number} n */
    const lift = (n) => (logarithmic ? Math.log10(1 + n) / Math.log10(1 + tallest) : n / tallest);
    const edge = margins(colours.size);
    const tall = height - edge.top - edge.bottom;
    const ticks = logarithmic ? decades(tallest, lift(1) * tall > 1.5 * colours.size) : roundTicks(0, tallest, tall / (2.6 * colours.size));
    /** @param {number} n */
    const text = (n) => grouped(view, n);
    beside = { left: leftMargin(context, colours, ticks.map(text)), right: edge.right };
    const plot = { left: beside.left, right: width - beside.right, top: edge.top, bottom: height - edge.bottom };
    /** @param {number} value */
    const x = (value) => plot.left + ((value + reach) / (2 * reach)) * (plot.right - plot.left);
    /** @param {number} n */
    const y = (n) => plot.bottom - lift(n) * (plot.bottom - plot.top);
    const threshold = drawnThreshold(model.get("layer"));
    const cut = removedZone(threshold, layers().criterion, bars());
    if (cut) {
      const [left, right] = cut.map((edge) => Math.min(Math.max(x(edge), plot.left), plot.right));
      context.globalAlpha = 0.13;
      context.fillStyle = colours.pruned;
      context.fillRect(left, plot.top, right - left, plot.bottom - plot.top);
      context.globalAlpha = 1;
    }
    colours.hatch ??= hatch(context, colours.pruned, colours.panel);
    const wide = (plot.right - plot.left) / BINS;
    const lit = marked();
    context.fillStyle = colours.mark;
    for (let bin = 0; lit && bin < BINS; bin += 1) {
      context.globalAlpha = lit.counts[bin] ? 0.12 + (0.4 * lit.counts[bin]) / lit.weights : 0;
      context.fillRect(plot.left + bin * wide, plot.top, wide, plot.bottom - plot.top);
    }
    context.globalAlpha = 1;
    for (let bin = 0; bin < BINS; bin += 1) {
      if (!totals[bin]) continue;
      const left = plot.left + bin * wide;
      const top = Math.min(y(totals[bin]), plot.bottom - 1);
      context.fillStyle = colours.kept;
      context.fillRect(left + 0.5, top, Math.max(wide - 1, 1), plot.bottom - top);
      // The removed part of a bar is drawn to scale from its base, whatever the scale of the axis.
      const share = removed[bin] / totals[bin];
      context.fillStyle = colours.hatch;
      context.fillRect(left + 0.5, plot.bottom - share * (plot.bottom - top), Math.max(wide - 1, 1), share * (plot.bottom - top));
    }
    // A single bar gets a frame, above its neighbours.
    const single = lit?.places === 1 ? lit.counts.findIndex((n) => n > 0) : -1;
    if (single >= 0) {
      const top = Math.min(y(totals[single]), plot.bottom - 1);
      context.strokeStyle = colours.mark;
      context.lineWidth = 2;
      context.strokeRect(plot.left + single * wide - 0.5, top - 1, wide + 1, plot.bottom - top + 1);
    }
    drawAxes(context, colours, plot, {
      x: { low: -reach, high: reach, at: x, name: say(view, "weight_value") },
      y: { low: 0, high: tallest, at: y, name: say(view, "weight_count"), ticks, text },
    });
    if (cut) {
      context.strokeStyle = colours.pruned;
      context.fillStyle = colours.ink;
      context.lineWidth = 1.5;
      context.setLineDash([5, 3]);
      context.textAlign = "center";
      for (const edge of cut) {
        if (Math.abs(edge) > reach) continue;
        context.beginPath();
        context.moveTo(x(edge), plot.top);
        context.lineTo(x(edge), plot.bottom);
        context.stroke();
      }
      context.setLineDash([]);
      if (threshold > 0) context.fillText(say(view, "cut"), Math.min(Math.max(x((cut[0] + cut[1]) / 2), plot.left + 30), plot.right - 30), plot.top - 7);
    }
  }

  watch(view, ["threshold", "thresholds"], () => {
    picture.redraw();
    read();
    label();
  });
  watch(view, ["layer"], refresh);
  return { refresh, log };
}

/** 0, 1, 10, 100 … up to the tallest bar; the 1 stands close to the 0. @param {number} tallest @param {boolean} one whether there is room for it */
function decades(tallest, one) {
  const ticks = [0];
  for (let n = one ? 1 : 10; n <= tallest; n *= 10) ticks.push(n);
  return ticks;
}
