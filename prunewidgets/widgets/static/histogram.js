// Signed weights as bars, the part that the threshold removes hatched; the cut can be dragged.
import { arrowOf, canvas, checkbox, choice, colours, commit, grouped, keepKeys, make, renderer, say, short, watch } from "./page.js";
import { Buckets } from "./buckets.js";
import { Layers } from "./layers.js";
import { rounding } from "./ranking.js";
import { mountField } from "./field.js";
import { drawAxes, hatch, margins } from "./axes.js";

const BINS = 81; // odd: one bar sits on zero

/** A histogram on its own. */
export const histogram = renderer((view) => {
  let layers = null;
  view.sparsityAt = (threshold) => layers.ranking("").sparsity(threshold);
  const field = mountField(view, () => layers?.ranking(""));
  const chooser = chooseLayer(view, () => layers, say(view, "all_layers"));
  const shown = mountHistogram(view, () => layers, () => view.model.get("threshold"), field);
  watch(view, ["generation"], () => {
    layers = new Layers(view.model);
    chooser.refresh();
    field.show();
    shown.refresh();
  });
});

/** A select bound to the trait `layer`; hidden where there is only one. */
export function chooseLayer(view, layers, all = null) {
  const { model } = view;
  const select = choice(say(view, "layer"), [], "", (name) => {
    model.set("layer", name);
    model.save_changes();
  });
  view.el.append(make("div", { class: "pw-row" }, select.element));
  const shown = () => model.get("layer") || (all ? "" : layers()?.list[0].name ?? "");
  watch(view, ["layer"], () => { select.select.value = shown(); });
  return {
    refresh() {
      const names = layers().list.map(({ name }) => [name, name]);
      select.fill(all ? [["", all], ...names] : names, shown());
      select.element.hidden = names.length < 2;
    },
  };
}

/**
 * @param {() => Layers} layers
 * @param {(name: string) => number} thresholdOf the threshold of a layer
 * @param {ReturnType<typeof mountField>} field moves the threshold
 */
export function mountHistogram(view, layers, thresholdOf, { move, remember, stepBy }) {
  const { model } = view;
  let bars = null;
  let logarithmic = false;
  const title = make("div", { class: "pw-title" });
  const picture = canvas(view, 1600, draw);
  const detail = make("div", { class: "pw-detail", "data-hint": say(view, "hint_histogram") });
  const log = checkbox(say(view, "log_counts"), logarithmic, (on) => {
    logarithmic = on;
    picture.redraw();
  });
  const head = make("div", { class: "pw-head" }, title, log);
  view.el.append(make("section", { class: "pw-panel pw-histogram", "aria-label": say(view, "histogram") }, head, keepKeys(picture.element), detail));
  picture.element.tabIndex = 0;
  picture.element.setAttribute("role", "img");

  const layerName = () => model.get("layer") || (layers().list.length === 1 ? layers().list[0].name : say(view, "all_layers"));

  function refresh() {
    const name = model.get("layer");
    const parts = name ? [layers().layer(name)] : layers().list;
    bars = countBars(layers(), parts);
    title.textContent = say(view, "weights_of", { layer: layerName() });
    if (bars.count < bars.size) title.textContent += ` — ${say(view, "sampled", { shown: grouped(view, bars.count), size: grouped(view, bars.size) })}`;
    picture.redraw();
  }

  const inside = (event) => {
    const box = picture.element.getBoundingClientRect();
    const { left, right } = margins(colours(view).size);
    return ((event.clientX - box.left - left) / (box.width - left - right)) * 2 * bars.reach - bars.reach;
  };
  // The cut is dragged by where the pointer is, on either side of zero.
  let dragging = false;
  picture.element.addEventListener("pointerdown", (event) => {
    const threshold = scoreAt(inside(event), layers().criterion, bars);
    if (threshold === null) return;
    remember();
    dragging = true;
    picture.element.setPointerCapture(event.pointerId);
    move(threshold, 250);
  });
  picture.element.addEventListener("pointermove", (event) => {
    if (!bars) return;
    if (dragging) move(scoreAt(inside(event), layers().criterion, bars), 250);
    describe(inside(event));
  });
  // Comes after the pointer went up and also where the system took it away.
  picture.element.addEventListener("lostpointercapture", () => {
    if (dragging) commit(view);
    dragging = false;
  });
  picture.element.addEventListener("pointerleave", () => {
    pointed = null;
    detail.textContent = "";
  });
  picture.element.addEventListener("keydown", (event) => {
    const by = arrowOf(event);
    if (!by) return;
    event.preventDefault();
    stepBy(by * (event.shiftKey ? 10 : 1));
  });

  let pointed = null; // the weight under the pointer
  function describe(x) {
    pointed = x;
    const bin = bars.binOf(x);
    if (bin < 0 || bin >= BINS) { detail.textContent = ""; return; }
    const removed = countRemoved(bars, layers(), thresholdOf)[bin];
    detail.textContent = say(view, "bar", {
      low: short(bars.edge(bin)), high: short(bars.edge(bin + 1)),
      total: grouped(view, bars.totals[bin]), removed: grouped(view, removed),
    });
  }

  function draw(context, width, height, colours) {
    if (!bars) return;
    const removed = countRemoved(bars, layers(), thresholdOf);
    const tallest = Math.max(1, ...bars.totals);
    const lift = logarithmic ? (n) => Math.log10(1 + n) / Math.log10(1 + tallest) : (n) => n / tallest;
    const edge = margins(colours.size);
    const plot = { left: edge.left, right: width - edge.right, top: edge.top, bottom: height - edge.bottom };
    const x = (value) => plot.left + ((value + bars.reach) / (2 * bars.reach)) * (plot.right - plot.left);
    const y = (n) => plot.bottom - lift(n) * (plot.bottom - plot.top);
    const threshold = thresholdOf(model.get("layer"));
    const cut = zone(threshold, layers().criterion, bars);
    if (cut) {
      const [left, right] = cut.map((edge) => Math.min(Math.max(x(edge), plot.left), plot.right));
      context.globalAlpha = 0.13;
      context.fillStyle = colours.pruned;
      context.fillRect(left, plot.top, right - left, plot.bottom - plot.top);
      context.globalAlpha = 1;
    }
    const pattern = hatch(context, colours.pruned, colours.panel);
    const wide = (plot.right - plot.left) / BINS;
    for (let bin = 0; bin < BINS; bin += 1) {
      if (!bars.totals[bin]) continue;
      const left = plot.left + bin * wide;
      const top = Math.min(y(bars.totals[bin]), plot.bottom - 1);
      context.fillStyle = colours.kept;
      context.fillRect(left + 0.5, top, Math.max(wide - 1, 1), plot.bottom - top);
      if (!removed[bin]) continue;
      // The removed part of a bar is drawn to scale from its foot, whatever the scale of the axis.
      const share = removed[bin] / bars.totals[bin];
      context.fillStyle = pattern;
      context.fillRect(left + 0.5, plot.bottom - share * (plot.bottom - top), Math.max(wide - 1, 1), share * (plot.bottom - top));
    }
    const countTicks = logarithmic ? decades(tallest) : undefined;
    drawAxes(context, colours, plot, {
      x: { low: -bars.reach, high: bars.reach, at: x, name: say(view, "weight_value") },
      y: { low: 0, high: tallest, at: y, name: say(view, "weight_count"), ticks: countTicks, text: (n) => grouped(view, n) },
    });
    if (cut) {
      context.strokeStyle = colours.pruned;
      context.fillStyle = colours.ink;
      context.lineWidth = 1.5;
      context.setLineDash([5, 3]);
      context.textAlign = "center";
      for (const edge of cut) {
        if (Math.abs(edge) > bars.reach) continue;
        context.beginPath();
        context.moveTo(x(edge), plot.top);
        context.lineTo(x(edge), plot.bottom);
        context.stroke();
      }
      context.setLineDash([]);
      if (threshold > 0) context.fillText(say(view, "cut"), Math.min(Math.max(x((cut[0] + cut[1]) / 2), plot.left + 30), plot.right - 30), plot.top - 7);
    }
    const gone = removed.reduce((sum, n) => sum + n, 0);
    picture.element.setAttribute("aria-label", say(view, "histogram_spoken", {
      layer: layerName(), total: grouped(view, bars.count), removed: grouped(view, gone),
      low: short(bars.low), high: short(bars.high),
    }));
  }

  watch(view, ["threshold", "thresholds"], () => {
    picture.redraw();
    if (pointed !== null) describe(pointed);
  });
  watch(view, ["layer"], () => { if (layers()) refresh(); });
  return { refresh };
}

/** Which bar each weight falls into, and how tall the bars are. */
function countBars(layers, parts) {
  let [low, high, sum, squares, count, size] = [Infinity, -Infinity, 0, 0, 0, 0];
  for (const part of parts) {
    for (const w of layers.weightsOf(part)) {
      if (w < low) low = w;
      if (w > high) high = w;
      sum += w;
      squares += w * w;
    }
    count += part.count;
    size += part.size;
  }
  if (!count) low = high = 0;
  const reach = Math.max(Math.abs(low), Math.abs(high)) || 1;
  const mean = count ? sum / count : 0;
  const std = count ? Math.sqrt(Math.max(squares / count - mean * mean, 0)) : 0;
  const width = (2 * reach) / BINS;
  const binOf = (w) => Math.min(BINS - 1, Math.floor((w + reach) / width));
  const totals = new Array(BINS).fill(0);
  const places = parts.map((part) => {
    const bins = new Uint8Array(part.count);
    layers.weightsOf(part).forEach((w, i) => {
      bins[i] = binOf(w);
      totals[bins[i]] += 1;
    });
    return { part, buckets: new Buckets(layers.scoresOf(part), bins, BINS) };
  });
  // With one layer the distribution criterion measures from this layer's mean; with several there is no common zone.
  return { low, high, reach, mean, std, count, size, totals, places, binOf, edge: (bin) => bin * width - reach, single: parts.length === 1 };
}

function countRemoved(bars, layers, thresholdOf) {
  const round = rounding(layers.dtype);
  const removed = new Array(BINS).fill(0);
  for (const { part, buckets } of bars.places) {
    const threshold = round(thresholdOf(part.name));
    for (let bin = 0; bin < BINS; bin += 1) removed[bin] += buckets.removed(bin, threshold);
  }
  return removed;
}

/** The weights between these two values are removed; null where a criterion has no such zone. */
function zone(threshold, criterion, bars) {
  if (criterion === "magnitude") return [-threshold, threshold];
  if (criterion === "squared") return [-Math.sqrt(threshold), Math.sqrt(threshold)];
  if (criterion === "distribution" && bars.single) return [bars.mean - threshold * bars.std, bars.mean + threshold * bars.std];
  return null;
}

/** The score of a weight x: the inverse of `zone`. */
function scoreAt(x, criterion, bars) {
  const tidy = (score) => Number(score.toPrecision(4));
  if (criterion === "magnitude") return tidy(Math.abs(x));
  if (criterion === "squared") return tidy(x * x);
  if (criterion === "distribution" && bars.single && bars.std > 0) return tidy(Math.abs(x - bars.mean) / bars.std);
  return null;
}

/** 0, 1, 10, 100 … up to the tallest bar. */
function decades(tallest) {
  const ticks = [0];
  for (let n = 1; n <= tallest; n *= 10) ticks.push(n);
  return ticks;
}
