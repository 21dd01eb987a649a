// Signed weights as bars, with the part that the threshold removes hatched; the threshold can be dragged.
import { renderer } from "../page/view.js";
import { checkbox, make, write } from "../page/elements.js";
import { arrowOf, onKeys } from "../page/keys.js";
import { grouped, say, short } from "../page/text.js";
import { afterPause, watch } from "../page/watch.js";
import { canvas } from "../page/canvas.js";
import { colours } from "../page/theme.js";
import { commit } from "../page/moving.js";
import { onPress } from "../page/press.js";
import { BINS, countBars, countRemoved, scoreAt, removedZone } from "../numbers/bars.js";
import { Layers } from "../numbers/layers.js";
import { chooseLayer } from "../page/layer_choice.js";
import { mountField } from "../page/field.js";
import { drawAxes, hatch, margins } from "../page/axes.js";
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
  view.el.append(make("section", { class: "pw-panel pw-histogram", "aria-label": say(view, "histogram") }, head, picture.element, detail));
  picture.element.tabIndex = 0;
  picture.element.setAttribute("role", "img");

  const layerName = () => model.get("layer") || (layers().list.length === 1 ? layers().list[0].name : say(view, "all_layers"));
  const parts = () => layers().list.filter(({ name }) => !model.get("layer") || name === layers().layer(model.get("layer"))?.name);
  /** Counted on first use, then shared by all displays of these weights. */
  const bars = () => layers().once(`bars of ${model.get("layer")}`, () => countBars(layers(), parts()));
  const removedNow = () => countRemoved(bars(), (name) => layers().round(thresholdOf(name)));

  function refresh() {
    /** @param {"count" | "size"} of */
    const sum = (of) =>
      grouped(
        view,
        parts().reduce((total, part) => total + part[of], 0),
      );
    const sampled = parts().some(({ count, size }) => count < size) ? ` — ${say(view, "sampled", { shown: sum("count"), size: sum("size") })}` : "";
    write(title, say(view, "weights_of", { layer: layerName() }) + sampled);
    picture.redraw();
    label();
  }

  /** For a screen reader, so not on every frame. */
  const label = afterPause(view, 300, () => {
    const { count, low, high } = bars();
    const removed = removedNow().reduce((sum, n) => sum + n, 0);
    picture.element.setAttribute(
      "aria-label",
      say(view, "histogram_spoken", {
        layer: layerName(),
        total: grouped(view, count),
        removed: grouped(view, removed),
        low: short(low),
        high: short(high),
      }),
    );
  });

  /** The weight at a position in the picture. @param {MouseEvent} event */
  const inside = (event) => {
    const box = picture.element.getBoundingClientRect();
    const { left, right } = margins(colours(view).size);
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
    picture.element.setPointerCapture(event.pointerId);
    move(threshold, 250);
  });
  picture.element.addEventListener("pointermove", (event) => {
    const threshold = dragging ? scoreUnder(event) : null;
    if (threshold !== null) move(threshold, 250);
    describe(inside(event));
  });
  // Sent after the pointer is released, and also when the system takes it away.
  picture.element.addEventListener("lostpointercapture", () => {
    if (!dragging) return;
    setDragging(false);
    commit(view);
  });
  picture.element.addEventListener("pointerleave", () => {
    pointed = null;
    write(detail, "");
  });
  onKeys(view, picture.element, (event) => {
    const by = arrowOf(event);
    if (!by) return;
    event.preventDefault();
    stepBy(by * (event.shiftKey ? 10 : 1));
  });

  /** The weight under the pointer. @type {number | null} */
  let pointed = null;
  /** @param {number} x a weight */
  function describe(x) {
    pointed = x;
    const { binOf, edge, totals } = bars();
    const bin = binOf(x);
    write(
      detail,
      bin < 0 || bin >= BINS
        ? ""
        : say(view, "bar", {
            low: short(edge(bin)),
            high: short(edge(bin + 1)),
            total: grouped(view, totals[bin]),
            removed: grouped(view, removedNow()[bin]),
          }),
    );
  }

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height @param {Colours} colours */
  function draw(context, width, height, colours) {
    const { reach, totals } = bars();
    const removed = removedNow();
    const tallest = Math.max(1, ...totals);
    /** The height of a bar, 0 to 1. @param {number} n */
    const lift = (n) => (logarithmic ? Math.log10(1 + n) / Math.log10(1 + tallest) : n / tallest);
    const edge = margins(colours.size);
    const plot = { left: edge.left, right: width - edge.right, top: edge.top, bottom: height - edge.bottom };
    /** @param {number} value */
    const x = (value) => plot.left + ((value + reach) / (2 * reach)) * (plot.right - plot.left);
    /** @param {number} n */
    const y = (n) => plot.bottom - lift(n) * (plot.bottom - plot.top);
    const threshold = thresholdOf(model.get("layer"));
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
    for (let bin = 0; bin < BINS; bin += 1) {
      if (!totals[bin]) continue;
      const left = plot.left + bin * wide;
      const top = Math.min(y(totals[bin]), plot.bottom - 1);
      context.fillStyle = colours.kept;
      context.fillRect(left + 0.5, top, Math.max(wide - 1, 1), plot.bottom - top);
      if (!removed[bin]) continue;
      // The removed part of a bar is drawn to scale from its base, whatever the scale of the axis.
      const share = removed[bin] / totals[bin];
      context.fillStyle = colours.hatch;
      context.fillRect(left + 0.5, plot.bottom - share * (plot.bottom - top), Math.max(wide - 1, 1), share * (plot.bottom - top));
    }
    const countTicks = logarithmic ? decades(tallest) : undefined;
    drawAxes(context, colours, plot, {
      x: { low: -reach, high: reach, at: x, name: say(view, "weight_value") },
      y: { low: 0, high: tallest, at: y, name: say(view, "weight_count"), ticks: countTicks, text: (n) => grouped(view, n) },
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
    if (pointed !== null) describe(pointed);
    label();
  });
  watch(view, ["layer"], refresh);
  return { refresh };
}

/** 0, 1, 10, 100 … up to the tallest bar. @param {number} tallest */
function decades(tallest) {
  const ticks = [0];
  for (let n = 1; n <= tallest; n *= 10) ticks.push(n);
  return ticks;
}
