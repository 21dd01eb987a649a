// The threshold slider: drag it, move it with the arrow keys, or type; ties are the tall steps above it.
import { renderer } from "../page/view.js";
import { make } from "../page/elements.js";
import { arrowOf, onKeys, plainKey } from "../page/keys.js";
import { say } from "../page/text.js";
import { watch } from "../page/watch.js";
import { canvas } from "../page/canvas.js";
import { commit } from "../page/moving.js";
import { onPress } from "../page/press.js";
import { Ranking, doubles, floats } from "../numbers/ranking.js";
import { mountField } from "../page/field.js";
/** @import { Travel } from "../numbers/ranking.js" */
/** @import { Colours, SliderTraits, View } from "../types.js" */

const INSET = 1.15 / 2; // half the thumb's width in font sizes, so that the staircase is exactly above the thumb's travel

/** A standalone slider: the kernel sends the scores in rank order. */
export const slider = renderer((/** @type {View<SliderTraits>} */ view) => {
  let { ranking } = received(view);
  view.sparsityAt = (threshold) => ranking.sparsity(threshold);
  const shown = mountSlider(view, () => ranking);
  watch(view, ["ordered", "below"], () => {
    const next = received(view);
    if (!next.complete) return; // the picture stays while the parts do not match
    ranking = next.ranking;
    shown.field.recount();
    shown.refresh();
  });
});

/** The ranking in a view's traits, and whether these match. @param {View<SliderTraits>} view */
function received({ model }) {
  const dtype = model.get("dtype");
  const total = model.get("total");
  const below = doubles(model.get("below"));
  const values = floats(model.get("ordered"), dtype);
  return { ranking: new Ranking(values, dtype, below.length ? below : null, total), complete: values.length === (below.length || total) };
}

/**
 * Builds the slider into `view.el`; arguments as in `mountField`. Call `refresh()` when the scores have changed.
 * @param {View} view
 * @param {() => Ranking} ranking
 * @param {(most?: boolean) => string} [where]
 */
export function mountSlider(view, ranking, where) {
  const { model } = view;
  const range = make("input", { type: "range", class: "pw-range", min: 0, step: 1, "aria-label": say(view, "threshold") });
  const stairs = canvas(view, 320, drawStairs);
  stairs.element.setAttribute("aria-hidden", "true");
  view.el.append(make("div", { class: "pw-track" }, stairs.element, range));
  const field = mountField(view, ranking, where);

  const { shared } = view;
  const follow = () => field.move(field.travel().threshold(Number(range.value)), 250);
  let undecided = false; // a finger is on the thumb's track that may be about to scroll the page
  range.addEventListener("pointerdown", (event) => {
    undecided = event.pointerType === "touch";
  });
  onPress(range, () => {
    field.remember(); // a whole drag is one step to undo
    shared.dragging = true;
    if (undecided) follow(); // the browser has moved the thumb already
    undecided = false;
  });
  range.addEventListener("input", () => {
    // While dragging only the page moves; the kernel is informed after a pause or on release.
    if (shared.dragging) follow();
    else if (!undecided) field.stepTo(Number(range.value));
  });
  range.addEventListener("change", () => commit(view));
  for (const end of ["pointerup", "pointercancel"]) {
    window.addEventListener(
      end,
      () => {
        if (!shared.dragging && !undecided) return;
        shared.dragging = undecided = false;
        refresh(); // new weights may have arrived during the drag
      },
      { signal: view.signal },
    );
  }
  onKeys(view, range, (event) => {
    // Not left to the browser: it would not move from 0.3 of a step to 0, since the thumb is there already.
    const leap = Math.ceil(field.travel().steps / 10);
    const key = plainKey(event);
    const by = key === "PageUp" ? leap : key === "PageDown" ? -leap : arrowOf(event) * (event.shiftKey ? leap : 1);
    if (key === "Home") field.stepTo(0);
    else if (key === "End") field.stepTo(field.travel().steps);
    else if (by) field.stepBy(by);
    else return;
    event.preventDefault();
  });

  function show() {
    range.value = String(Math.round(field.travel().position(model.get("threshold"))));
    range.setAttribute("aria-valuetext", field.show());
    stairs.redraw();
  }

  function refresh() {
    range.max = String(field.travel().steps);
    show();
  }

  /** The sparsities at the slider's positions, for one travel and width. @type {{ranking: Ranking, travel: Travel, points: number, sparsities: number[]} | null} */
  let staircase = null;
  /**
   * Draws the sparsity over the slider's travel.
   * @param {CanvasRenderingContext2D} context @param {number} width @param {number} height @param {Colours} colours
   */
  function drawStairs(context, width, height, colours) {
    if (ranking().total === 0) return;
    const travel = field.travel();
    const inset = INSET * colours.size;
    const track = width - 2 * inset;
    const bottom = height - 2;
    /** @param {number} position */
    const x = (position) => inset + (position / travel.steps) * track;
    /** @param {number} sparsity */
    const y = (sparsity) => bottom - sparsity * (height - 8);
    const points = travel.linear ? travel.steps : Math.min(Math.floor(track), 600);
    const positions = Array.from({ length: points + 1 }, (_, i) => (i / points) * travel.steps);
    // Dragging does not change the staircase, so it is computed only once.
    if (staircase?.ranking !== ranking() || staircase.travel !== travel || staircase.points !== points) {
      staircase = { ranking: ranking(), travel, points, sparsities: positions.map((position) => ranking().sparsity(travel.threshold(position))) };
    }
    const { sparsities } = staircase;
    let level = bottom;
    context.beginPath();
    context.moveTo(inset, bottom);
    positions.forEach((position, i) => {
      context.lineTo(x(position), level);
      level = y(sparsities[i]);
      context.lineTo(x(position), level);
    });
    context.strokeStyle = colours.soft;
    context.lineWidth = 1.25;
    context.stroke();
    context.lineTo(inset + track, bottom);
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
  return { field, refresh };
}
