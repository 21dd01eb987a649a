// What a heatmap says about a layer, and about the cell that the user points at.
import { grouped, percent, say, short } from "../page/text.js";
/** @import { Cells, Plan } from "../numbers/grid.js" */
/** @import { Layer, View } from "../types.js" */

/** The layer and its shape. @param {View} view @param {Layer} layer */
export function layerText(view, layer) {
  const shape = layer.full_shape.join(" × ");
  const parts = [say(view, "layer_shape", { layer: layer.name, shape })];
  if (layer.count < layer.size) parts.push(say(view, "sampled", { shown: grouped(view, layer.count), size: grouped(view, layer.size) }));
  return parts.join(" — ");
}

/** What a cell stands for, where that is more than one weight. @param {View} view @param {Plan} plan */
export function averagedText(view, plan) {
  const each = plan.place(0, 0).reduce((product, [from, to]) => product * (to - from + 1), 1);
  return say(view, "averaged", { each: grouped(view, each) });
}

/**
 * Where a cell is and what it holds.
 * @param {View} view @param {Layer} layer @param {Plan} plan
 * @param {[row: number, column: number]} at @param {Cells} cells @param {number} weight the cell's, where it stands for one
 */
export function cellText(view, layer, plan, [row, column], { kept, size, mean }, weight) {
  const cell = plan.cell(row, column);
  const place = placeText(view, layer, plan, plan.place(row, column));
  if (!plan.averaged) {
    const state = say(view, kept[cell] ? "kept" : "pruned");
    return say(view, "cell", { place, value: String(Number(weight.toPrecision(6))).replace("-", "−"), state });
  }
  return say(view, "cell_averaged", {
    place,
    size: grouped(view, size[cell]),
    kept: grouped(view, kept[cell]),
    share: percent(view, kept[cell] / size[cell], 0),
    mean: short(mean[cell]),
  });
}

/**
 * An index in the model's own array, even if only every n-th row or column was sent.
 * @param {View} view @param {Layer} layer @param {Plan} plan @param {number[][]} ranges [from, to] for each axis
 */
function placeText(view, layer, plan, ranges) {
  const index = ranges.map(([from, to], axis) =>
    [from, to]
      .filter((_, j) => j === 0 || to > from)
      .map((i) => i * layer.steps[axis])
      .join("–"),
  );
  if (layer.shape.length < 2) return say(view, "place_vector", { index: index[0] ?? 0 });
  if (layer.shape.length === 2) return say(view, "place", { row: index[0], column: index[1] });
  const channels = layer.channels ?? [];
  if (!channels.length) return say(view, "place_vector", { index: index.join(", ") });
  const [input, filter] = channels.map((axis) => index[axis]);
  const place = index.filter((_, axis) => !channels.includes(axis)).join(", ");
  return say(view, plan.averaged ? "place_kernels" : "place_kernel", { filter, input, place });
}
