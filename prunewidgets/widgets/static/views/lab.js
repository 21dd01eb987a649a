// The lab: one live model, its weights, its measured accuracy. Its parts are those of the single views.
import { renderer } from "../page/view.js";
import { choice, make, write } from "../page/elements.js";
import { grouped, percent, say } from "../page/text.js";
import { watch } from "../page/watch.js";
import { commit, moveTo } from "../page/moving.js";
import { Layers } from "../numbers/layers.js";
import { roundHalfEven } from "../numbers/ranking.js";
import { mountSlider } from "./slider.js";
import { mountHistogram } from "./histogram.js";
import { mountHeatmap } from "./heatmap.js";
import { mountCurve } from "./curve.js";
import { reportNoAnswer } from "../page/no_answer.js";
/** @import { View } from "../page/view.js" */

/** Own properties only, since a layer may be called "constructor". */
const ownOr = (thresholds, name, other) => (Object.hasOwn(thresholds, name) ? thresholds[name] : other);

export const lab = renderer((view) => {
  const { model, el } = view;
  el.classList.add("pw-lab");
  /** @type {Layers} */
  let layers = null;
  const separate = () => model.get("scope") === "layer";
  const thresholdOf = (name) => (separate() ? ownOr(model.get("thresholds"), name, model.get("threshold")) : model.get("threshold"));
  const ranking = () => layers?.ranking(separate() ? model.get("layer") : "");
  const removedPerLayer = () => layers.list.map(({ name }) => layers.ranking(name).removed(thresholdOf(name)));
  /** Sparsity of the whole model if the slider were at `threshold`. */
  view.sparsityAt = (threshold) => {
    if (!separate()) return layers.ranking("").sparsity(threshold);
    const removed = layers.list.reduce((sum, { name }) => sum + layers.ranking(name).removed(name === model.get("layer") ? threshold : thresholdOf(name)), 0);
    return removed / layers.total;
  };
  // What was measured belongs to these weights and these exact masks, or it is stale.
  const fresh = ({ generation, criterion, counts, thresholds }) => {
    if (!layers || generation !== model.get("generation") || criterion !== model.get("criterion")) return false;
    // For a sample the page has no exact count for each layer; then equal thresholds have to be enough.
    if (layers.sampled) return String(thresholds) === String(layers.list.map(({ name }) => thresholdOf(name)));
    return String(counts) === String(removedPerLayer());
  };
  view.currentAccuracy = () => (fresh(model.get("measured")) ? model.get("measured").accuracy : null);

  const title = make("div", { class: "pw-lab-title" });
  const controls = make("div", { class: "pw-row pw-controls" });
  const part = (name) => {
    const element = make("div", { class: `pw-lab-${name}` });
    return { element, view: Object.assign(Object.create(view), { el: element }) };
  };
  const [sliding, bars, cells, curving] = ["slider", "histogram", "heatmap", "curve"].map(part);
  // What was measured is right under the slider, so that both are on one screen.
  const [measuredRow, flipped] = ["measured", "flips"].map(part);
  el.append(
    title,
    controls,
    sliding.element,
    measuredRow.element,
    make("div", { class: "pw-lab-panels" }, bars.element, cells.element, curving.element),
    flipped.element,
  );
  mountControls(view, controls, () => layers, thresholdOf);
  /** With a threshold per layer, the slider also reports what all layers lose together. */
  const inLayer = () => {
    if (!separate()) return "";
    const removed = removedPerLayer().reduce((sum, n) => sum + n, 0);
    const [gone, total, kept] = [removed, layers.total, layers.total - removed].map((n) => grouped(view, n));
    return say(view, "in_layer", { layer: model.get("layer"), removed: gone, total, kept });
  };
  const slider = mountSlider(sliding.view, ranking, inLayer);
  const histogram = mountHistogram(bars.view, () => layers, thresholdOf, slider.field);
  const heatmap = mountHeatmap(cells.view, () => layers, thresholdOf);
  const curve = mountCurve(curving.view, (sparsity) => {
    slider.field.remember();
    const reaching = (name) => layers.ranking(name).thresholdFor(roundHalfEven(sparsity * layers.ranking(name).total));
    if (!separate()) return slider.field.move(reaching(""), 120);
    // The same share from each layer.
    model.set("thresholds", Object.fromEntries(layers.list.map(({ name }) => [name, reaching(name)])));
    slider.field.move(thresholdOf(model.get("layer")), 120);
  });
  watch(view, ["generation"], () => {
    layers = Layers.of(model);
    title.textContent = say(view, model.get("kernels_only") ? "lab_title" : "lab_title_all", { model: model.get("title"), total: grouped(view, layers.total) });
    slider.field.recount();
    for (const shown of [slider, histogram, heatmap]) shown.refresh();
  });
  watch(view, ["threshold"], () => {
    if (separate()) model.set("thresholds", { ...model.get("thresholds"), [model.get("layer")]: model.get("threshold") });
  });
  // The text about all layers depends on the other layers' thresholds too.
  watch(view, ["thresholds"], () => slider.field.show());
  watch(view, ["layer", "scope"], () => {
    slider.refresh();
    const threshold = thresholdOf(model.get("layer"));
    moveTo(view, threshold, view.sparsityAt(threshold)); // views linked to this one follow
  });
  // Once the layers exist: these check whether what was measured belongs to the current masks.
  mountAccuracy(measuredRow.view, fresh, curve);
  mountEmptied(measuredRow.view, () => layers.list.filter(({ name, size }) => size > 0 && layers.ranking(name).removed(thresholdOf(name)) === size));
  mountButtons(measuredRow.view);
  mountFlips(flipped.view, fresh);
});

/** The controls: layer, one τ for all or one per layer, criterion. @param {View} view */
function mountControls(view, element, layers, thresholdOf) {
  const { model } = view;
  const change = (name, value) => {
    model.set(name, value);
    commit(view);
  };
  const layer = choice(say(view, "layer"), [], "", (name) => change("layer", name));
  const criterion = choice(say(view, "criterion"), [], "", (name) => change("criterion", name));
  const group = `pw-${Math.random()}`; // keeps the radio buttons of two labs on one page apart
  const scopes = ["global", "layer"].map((scope) => {
    const radio = make("input", {
      type: "radio",
      name: group,
      value: scope,
      change: () => {
        const every = layers().ranking("");
        // Each layer starts from the common τ; switching back keeps the total sparsity.
        if (scope === "layer") model.set("thresholds", Object.fromEntries(layers().list.map(({ name }) => [name, thresholdOf(name)])));
        else model.set("threshold", every.thresholdFor(roundHalfEven(model.get("sparsity") * every.total)));
        change("scope", scope);
      },
    });
    return { radio, element: make("label", { class: "pw-check" }, radio, say(view, `scope_${scope}`)) };
  });
  element.append(
    layer.element,
    make("div", { class: "pw-radios", role: "radiogroup", "aria-label": say(view, "scope") }, ...scopes.map((scope) => scope.element)),
    criterion.element,
  );
  watch(view, ["layers", "layer"], () =>
    layer.fill(
      model.get("layers").map(({ name }) => [name, name]),
      model.get("layer"),
    ),
  );
  watch(view, ["criteria", "criterion"], () =>
    criterion.fill(
      model.get("criteria").map((name) => [name, name]),
      model.get("criterion"),
    ),
  );
  watch(view, ["scope"], () =>
    scopes.forEach(({ radio }) => {
      radio.checked = radio.value === model.get("scope");
    }),
  );
}

/** The accuracy, always with its state: measured, being measured or stale. @param {View} view */
function mountAccuracy(view, fresh, curve) {
  const { model } = view;
  const value = make("span", { class: "pw-accuracy" });
  const sure = make("span");
  const state = make("span", { class: "pw-state" });
  const unpruned = make("span", { class: "pw-soft" });
  view.el.append(make("div", { class: "pw-row pw-accuracy-row", "aria-live": "polite" }, say(view, "accuracy"), value, sure, state, unpruned));
  let silent = false; // the kernel was asked and has not answered for a while

  function show() {
    const { accuracy, low, high, n } = model.get("measured");
    const { measuring, data, unpruned: base } = Object.fromEntries(["measuring", "data", "unpruned"].map((name) => [name, model.get(name)]));
    const current = n && fresh(model.get("measured"));
    write(value, n ? percent(view, accuracy) : "–");
    const key = low == null ? "examples" : "interval";
    write(
      sure,
      n
        ? say(view, key, {
            low: low == null ? "" : percent(view, low).replace(" %", ""),
            high: low == null ? "" : percent(view, high),
            n: grouped(view, n),
            what: data,
          })
        : "",
    );
    write(unpruned, base == null ? "" : say(view, "unpruned", { accuracy: percent(view, base) }));
    if (current) showState(measuring && n < model.get("examples") ? "refining" : "measured");
    else if (measuring) showState("measuring");
    else if (model.get("cancelled")) showState("cancelled");
    else if (!n) showState("unmeasured");
    else showState("stale", model.get("measured").generation === model.get("generation") ? "stale" : "stale_weights");
    if (silent && !current) showState("no_answer");
    curve.redraw();
  }
  function showState(key, words = key) {
    write(state, say(view, words, { n: grouped(view, model.get("measured").n ?? 0), of: grouped(view, model.get("examples")) }));
    state.dataset.state = key;
  }
  reportNoAnswer(view, ["measured", "measuring", "cancelled", "working", "applied", "generation", "error"], (now) => {
    silent = now;
    view.shared.onNoAnswer?.(now);
    if (now) show();
  });
  watch(view, ["measured", "measuring", "cancelled", "threshold", "thresholds", "scope", "criterion", "generation", "unpruned"], show);
}

/** The layers with no weights left. @param {View} view */
function mountEmptied(view, emptied) {
  const line = make("div", { class: "pw-soft pw-emptied", "aria-live": "polite" });
  view.el.append(line);
  watch(view, ["threshold", "thresholds", "scope", "criterion", "generation"], () => {
    const names = emptied()
      .map(({ name }) => name)
      .join(", ");
    write(line, names && say(view, "emptied", { layers: names }));
  });
}

/** Examples that the unpruned model classifies correctly and this one does not. @param {View} view */
function mountFlips(view, fresh) {
  const { model } = view;
  const strip = make("div", { class: "pw-flips" });
  view.el.append(strip);
  watch(view, ["flips", "flip_images"], () => {
    const flips = model.get("flips");
    const [height, width, channels] = model.get("image_shape");
    const pixels = model.get("flip_images");
    const caption =
      flips.total === undefined ? "" : say(view, flips.total ? "flipped" : "none_flipped", { total: grouped(view, flips.total), n: grouped(view, flips.n) });
    strip.replaceChildren(
      make("span", { class: "pw-label" }, caption),
      ...(flips.shown ?? []).map((flip, i) => {
        const text = `${flip.label} → ${flip.read}`;
        const figure = make("figure", { class: "pw-flip", title: say(view, "example_number", { index: flip.index }) });
        if (height && pixels?.byteLength >= (i + 1) * height * width * channels) figure.append(drawImage(pixels, i, height, width, channels, text));
        figure.append(make("figcaption", {}, text));
        return figure;
      }),
    );
  });
  // Faint while it belongs to a setting other than the one shown.
  watch(view, ["flips", "threshold", "thresholds", "scope", "criterion", "generation"], () => {
    strip.classList.toggle("pw-stale", !fresh(model.get("flips")));
  });
}

function drawImage(pixels, i, height, width, channels, text) {
  const element = make("canvas", { width, height, role: "img", "aria-label": text });
  const image = new ImageData(width, height);
  for (let p = 0; p < width * height; p += 1) {
    for (let c = 0; c < 3; c += 1) {
      image.data[4 * p + c] = pixels.getUint8((i * height * width + p) * channels + (channels === 3 ? c : 0));
    }
    image.data[4 * p + 3] = 255;
  }
  element.getContext("2d").putImageData(image, 0, 0);
  return element;
}

/** @param {View} view */
function mountButtons(view) {
  const { model } = view;
  const button = (key, strong = false) =>
    make(
      "button",
      {
        type: "button",
        class: `pw-button${strong ? " pw-strong" : ""}`,
        click: () => {
          model.send({ do: key });
          view.shared.onRequest();
        },
      },
      say(view, key),
    );
  const [measure, apply, restore, cancel] = [button("measure_curve", true), button("apply"), button("restore"), button("cancel")];
  const bar = make("progress", { class: "pw-progress", max: 1 });
  const status = make("span", { class: "pw-soft", "aria-live": "polite" });
  view.el.append(make("div", { class: "pw-row pw-buttons" }, measure, apply, restore, cancel, bar, status));
  let silent = false;
  function show() {
    const working = silent ? "" : model.get("working");
    measure.disabled = working !== "";
    restore.disabled = !model.get("restorable");
    cancel.disabled = working === "" && (silent || !model.get("measuring"));
    bar.hidden = working === "";
    bar.value = model.get("progress");
    status.textContent =
      silent && model.get("working")
        ? say(view, "no_kernel")
        : working || (model.get("restorable") ? say(view, "applied", { removed: grouped(view, model.get("applied")) }) : "");
  }
  view.shared.onNoAnswer = (now) => {
    if (silent === now) return;
    silent = now;
    show();
  };
  watch(view, ["working", "progress", "applied", "restorable", "measuring"], show);
}
