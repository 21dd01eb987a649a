// The threshold slider: drag it, move it with the arrow keys, or type; ties are the tall steps above it.
import { canvas, commit, keepKeys, make, renderer, say, watch } from "./page.js";
import { Ranking, Travel, floats } from "./ranking.js";
import { mountField } from "./field.js";

const INSET = 8; // half the thumb's width: the staircase stands exactly over the thumb's way

/** A slider on its own: the kernel sends the scores in rank order. */
export const slider = renderer((view) => {
  let ranking = null;
  view.sparsityAt = (threshold) => ranking.sparsity(threshold);
  const shown = mountSlider(view, () => ranking);
  watch(view, ["ordered", "below"], () => {
    const { model } = view;
    const dtype = model.get("dtype");
    const below = floats(model.get("below"), "float64");
    ranking = new Ranking(floats(model.get("ordered"), dtype), dtype, below.length ? below : null, model.get("total"));
    shown.refresh();
  });
});

/**
 * Builds the slider into `view.el`; arguments as in `mountField`. Call `refresh()` when the scores have changed.
 */
export function mountSlider(view, ranking, where) {
  const { model } = view;
  let travel = null;
  const range = make("input", { type: "range", class: "pw-range", min: 0, step: 1, "aria-label": say(view, "threshold") });
  const stairs = canvas(view, 320, drawStairs);
  stairs.element.setAttribute("aria-hidden", "true");
  view.el.append(keepKeys(make("div", { class: "pw-track" }, stairs.element, range)));
  const field = mountField(view, ranking, where);

  let held = false; // a whole drag is one step to undo
  range.addEventListener("pointerdown", () => {
    field.remember();
    held = true;
  });
  range.addEventListener("input", () => {
    if (!held) field.remember();
    // While dragging only the page moves; the kernel hears after a pause or on release.
    field.move(travel.threshold(Number(range.value)), 250);
  });
  range.addEventListener("change", () => {
    if (held) commit(view);
    held = false;
  });
  range.addEventListener("keydown", (event) => {
    const arrows = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 };
    const leap = { PageUp: 1, PageDown: -1 }[event.key] ?? (event.shiftKey ? arrows[event.key] : undefined);
    if (!leap) return;
    event.preventDefault();
    field.remember();
    const position = Math.round(travel.position(model.get("threshold"))) + leap * Math.ceil(travel.steps / 10);
    field.move(travel.threshold(Math.min(Math.max(position, 0), travel.steps)), 250);
  });

  function show() {
    if (!travel) return;
    range.value = String(Math.round(travel.position(model.get("threshold"))));
    range.setAttribute("aria-valuetext", field.show());
    stairs.redraw();
  }

  /** Sparsity over the slider's way. */
  function drawStairs(context, width, height, colours) {
    if (!travel || ranking().total === 0) return;
    const way = width - 2 * INSET;
    const bottom = height - 2;
    const x = (position) => INSET + (position / travel.steps) * way;
    const y = (sparsity) => bottom - sparsity * (height - 8);
    const points = travel.linear ? travel.steps : Math.min(Math.floor(way), 600);
    let level = bottom;
    context.beginPath();
    context.moveTo(INSET, bottom);
    for (let i = 0; i <= points; i += 1) {
      const position = (i / points) * travel.steps;
      context.lineTo(x(position), level);
      level = y(ranking().sparsity(travel.threshold(position)));
      context.lineTo(x(position), level);
    }
    context.strokeStyle = colours.soft;
    context.lineWidth = 1.25;
    context.stroke();
    context.lineTo(INSET + way, bottom);
    context.closePath();
    context.globalAlpha = 0.1;
    context.fillStyle = colours.ink;
    context.fill();
    context.globalAlpha = 1;
    const threshold = model.get("threshold");
    const [left, top] = [x(travel.position(threshold)), y(ranking().sparsity(threshold))];
    context.fillStyle = context.strokeStyle = colours.pruned;
    context.setLineDash([3, 3]);
    context.beginPath();
    context.moveTo(left, top);
    context.lineTo(left, height);
    context.stroke();
    context.setLineDash([]);
    context.beginPath();
    context.arc(left, top, 4, 0, 2 * Math.PI);
    context.fill();
  }

  watch(view, ["threshold"], show);
  return {
    field,
    refresh() {
      travel = new Travel(ranking());
      range.max = String(travel.steps);
      show();
    },
  };
}
