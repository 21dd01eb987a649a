// What is kept, and the sparsity that this gives, as formulas with the current values in them.
import { make } from "../page/elements.js";
import { steady } from "../page/steady.js";
import { say } from "../page/text.js";
import { watch } from "../page/watch.js";
/** @import { mountField } from "../page/field.js" */
/** @import { LabTraits, View } from "../types.js" */

/** The formula of what is kept, where a criterion has one that fits in a line. @type {Record<string, string>} */
const KEPT = { magnitude: "keep_magnitude", squared: "keep_squared" };
const LONGEST = "0.0000000"; // about as long as a threshold gets

/**
 * Builds the line of formulas.
 * @param {View<LabTraits>} view @param {ReturnType<typeof mountField>["reading"]} reading
 */
export function mountFormula(view, reading) {
  const { model } = view;
  const [kept, sparsity] = [steady("pw-formula"), steady("pw-formula")];
  const which = make("span");
  view.el.append(make("div", { class: "pw-row pw-formulas" }, kept.element, sparsity.element, which));
  watch(view, ["threshold", "thresholds", "sparsity", "layer", "scope", "criterion", "generation", "kernels_only"], () => {
    const { threshold, removed, total, share } = reading();
    const [layer, criterion] = [model.get("layer"), model.get("criterion")];
    const [keep, of] = [KEPT[criterion] ?? "keep_score", model.get("scope") === "layer" ? "sparsity_of_layer" : "sparsity_of_all"];
    kept.write(say(view, keep, { threshold, criterion }));
    kept.reserve(say(view, keep, { threshold: LONGEST, criterion }));
    sparsity.write(say(view, of, { layer, removed, total, share }));
    sparsity.reserve(say(view, of, { layer, removed: total, total, share }));
    which.textContent = say(view, model.get("kernels_only") ? "kernels_only" : "not_kernels_only");
  });
}
