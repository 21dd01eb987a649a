// A small matrix in four steps: as it is, sorted, cut by the threshold, back in place with the removed weights blank.
import { renderer } from "../page/view.js";
import { announcer, make, write } from "../page/elements.js";
import { onKeys, plainKey } from "../page/keys.js";
import { say, short } from "../page/text.js";
import { watch } from "../page/watch.js";
import { Layers } from "../numbers/layers.js";
import { mountSlider } from "./slider.js";
/** @import { StepsTraits, View } from "../types.js" */

const STEPS = ["step_matrix", "step_sorted", "step_threshold", "step_pruned"];
const PER_LINE = 16; // sorted cells in one line
const LOWEST_BARS = 40; // CSS pixels; lower bars would not tell sizes apart
/** @type {Record<string, number>} */
const BY_KEY = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export const steps = renderer((/** @type {View<StepsTraits>} */ view) => {
  const { model, el } = view;
  let layers = Layers.of(model);
  /** @type {number[]} */
  let order = []; // indices in ascending order of score; equal scores keep their order
  /** @type {number[]} */
  let rank = []; // the inverse of `order`
  let marked = -1;

  const tabs = STEPS.map((key, i) => make("button", { type: "button", class: "pw-button pw-step", click: () => goTo(i) }, `${i + 1}. ${say(view, key)}`));
  const explained = make("p", { class: "pw-explained" });
  const stage = make("div", { class: "pw-stage", tabindex: 0, role: "application" });
  const cut = make("div", { class: "pw-cut" });
  const level = make("div", { class: "pw-level", "aria-hidden": "true" }, make("span"));
  const detail = make("div", { class: "pw-detail" });
  const spoken = announcer(view);
  const back = make("button", { type: "button", class: "pw-button", click: () => goTo(model.get("step") - 1) }, `← ${say(view, "back")}`);
  const next = make("button", { type: "button", class: "pw-button pw-strong", click: () => goTo(model.get("step") + 1) }, `${say(view, "next")} →`);
  el.append(
    make(
      "div",
      { class: "pw-steps" },
      make("div", { class: "pw-row" }, ...tabs),
      explained,
      stage,
      make("div", { class: "pw-row pw-steps-row" }, back, next, detail),
      spoken.element,
    ),
  );
  view.sparsityAt = (threshold) => layers.ranking("").sparsity(threshold);
  const slider = mountSlider(view, () => layers.ranking(""));
  /** @type {HTMLElement[]} */
  let cells = [];
  /** A bar over each sorted cell, as tall as its |w|. @type {HTMLElement[]} */
  let bars = [];

  /** @param {number} step */
  function goTo(step) {
    if (step < 0 || step >= STEPS.length) return;
    model.set("step", step);
    model.save_changes();
  }

  /** The article's matrix is 3 × 4; any small one will do. */
  function build() {
    const { shape } = layers.list[0];
    const columns = shape[1];
    cells = Array.from(layers.weights, (value, i) =>
      make(
        "div",
        {
          class: "pw-cell",
          pointerenter: () => mark(i),
          pointerleave: () => mark(-1),
        },
        make("span", { class: "pw-cell-value" }, String(Number(value.toPrecision(4))).replace("-", "−")),
      ),
    );
    order = Array.from(layers.scores.keys()).sort((a, b) => layers.scores[a] - layers.scores[b] || a - b);
    rank = [];
    order.forEach((index, place) => {
      rank[index] = place;
    });
    cells.forEach((cell, i) => {
      cell.title = say(view, "place", { row: Math.floor(i / columns), column: i % columns });
    });
    bars = cells.map(() => make("div", { class: "pw-size", "aria-hidden": "true" }));
    stage.replaceChildren(...bars, ...cells, cut, level);
    slider.refresh();
    show();
  }

  let largestSide = 58; // of a cell, in pixels
  function show() {
    const step = model.get("step");
    const { shape } = layers.list[0];
    const sorted = step === 1 || step === 2;
    const ranking = layers.ranking("");
    const threshold = ranking.round(model.get("threshold"));
    const lineLength = sorted ? Math.min(cells.length, PER_LINE) : shape[1];
    const width = stage.clientWidth || 600;
    const side = Math.min(largestSide, Math.floor(width / Math.max(lineLength, 8)));
    const left = (width - side * lineLength) / 2;
    // The same height in every step, so that nothing jumps under the pointer.
    const lines = Math.max(shape[0], Math.ceil(cells.length / PER_LINE));
    const height = lines * Math.min(largestSide, Math.floor(width / 8)) + 30;
    stage.style.height = `${height}px`;
    // One line of sorted cells leaves room for their sizes as bars.
    const room = height - side - 24;
    const sized = sorted && cells.length <= PER_LINE && room >= LOWEST_BARS;
    const top = sized ? height - side - 8 : 8;
    const largest = Math.max(...layers.scores) || 1;
    /** @param {number} score */
    const tall = (score) => (sized ? Math.min(score / largest, 1) * room : 0);
    cells.forEach((cell, i) => {
      const place = sorted ? rank[i] : i;
      const [row, column] = [Math.floor(place / lineLength), place % lineLength];
      cell.style.width = cell.style.height = `${side - 4}px`;
      cell.style.fontSize = `${Math.max(11, side * 0.3)}px`;
      cell.style.transform = `translate(${left + column * side + 2}px, ${row * side + top}px)`;
      const removed = layers.scores[i] < threshold;
      cell.classList.toggle("pw-removed", step === 2 && removed);
      cell.classList.toggle("pw-gone", step === 3 && removed);
      cell.classList.toggle("pw-tied", sorted && tied(i));
      cell.classList.toggle("pw-marked", i === marked);
      bars[i].classList.toggle("pw-removed", step === 2 && removed);
      bars[i].style.width = `${side - 16}px`;
      bars[i].style.height = `${tall(layers.scores[i])}px`;
      bars[i].style.transform = `translate(${left + column * side + 8}px, ${top - 4 - tall(layers.scores[i])}px)`;
      bars[i].classList.toggle("pw-sized", sized);
    });
    level.hidden = !sized || step !== 2;
    level.style.width = `${Math.min(side * lineLength + 60, width - left)}px`;
    level.style.transform = `translate(${left}px, ${top - 4 - tall(threshold)}px)`;
    if (level.firstElementChild) write(level.firstElementChild, say(view, "tau_level", { tau: short(threshold) }));
    const removed = ranking.removed(model.get("threshold"));
    cut.hidden = step !== 2;
    const [cutLine, cutPlace] = [
      Math.floor(Math.min(removed, cells.length - 1) / lineLength),
      removed - Math.floor(Math.min(removed, cells.length - 1) / lineLength) * lineLength,
    ];
    cut.style.transform = `translate(${left + cutPlace * side - 1}px, ${sized ? 0 : cutLine * side}px)`;
    cut.style.height = `${sized ? height : side + 14}px`;
    explained.textContent = say(view, `${STEPS[step]}_explained`, { removed, kept: cells.length - removed, total: cells.length });
    for (const [i, tab] of tabs.entries()) tab.setAttribute("aria-pressed", String(i === step));
    back.disabled = step === 0;
    next.disabled = step === STEPS.length - 1;
    stage.setAttribute("aria-label", `${say(view, STEPS[step])}. ${explained.textContent}`);
  }

  /** Whether another weight has the same score. @param {number} i */
  const tied = (i) => [order[rank[i] - 1], order[rank[i] + 1]].some((other) => other !== undefined && layers.scores[other] === layers.scores[i]);

  /** @param {number} i of a weight; -1 for none */
  function mark(i) {
    marked = i;
    for (const [j, cell] of cells.entries()) cell.classList.toggle("pw-marked", j === i);
    if (i < 0) {
      detail.textContent = "";
      return;
    }
    const columns = layers.list[0].shape[1];
    const removed = layers.scores[i] < layers.ranking("").round(model.get("threshold"));
    detail.textContent = say(view, "cell_ranked", {
      place: say(view, "place", { row: Math.floor(i / columns), column: i % columns }),
      value: cells[i].textContent,
      rank: rank[i] + 1,
      total: cells.length,
      state: say(view, removed ? "pruned" : "kept"),
    });
  }

  onKeys(view, stage, (event) => {
    const by = BY_KEY[plainKey(event)];
    if (!by) return;
    event.preventDefault();
    const sorted = model.get("step") === 1 || model.get("step") === 2;
    const columns = layers.list[0].shape[1];
    const stride = sorted || event.key === "ArrowRight" || event.key === "ArrowLeft" ? 1 : columns;
    const place = marked < 0 ? 0 : (sorted ? rank[marked] : marked) + by * stride;
    if (place < 0 || place >= cells.length) return;
    mark(sorted ? order[place] : place);
    spoken.speak(detail.textContent);
  });
  const resizing = new ResizeObserver(() => {
    largestSide = Math.max(58, Math.round(4 * parseFloat(getComputedStyle(stage).fontSize))); // on a projector the text is large
    show();
  });
  resizing.observe(stage);
  view.signal.addEventListener("abort", () => resizing.disconnect());

  watch(view, ["generation"], () => {
    layers = Layers.of(model);
    build();
  });
  watch(view, ["step", "threshold"], show);
});
