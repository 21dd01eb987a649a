// The select for the layer that a view shows.
import { choice, make } from "./elements.js";
import { say } from "./text.js";
import { watch } from "./watch.js";
/** @import { Layers } from "../numbers/layers.js" */
/** @import { View, WeightTraits } from "../types.js" */

/**
 * A select bound to the trait `layer`; hidden where there is only one.
 * @param {View<WeightTraits>} view
 * @param {() => Layers} layers
 * @param {string} all the text for all layers, in views that can show all
 */
export function chooseLayer(view, layers, all = "") {
  const { model } = view;
  const select = choice(say(view, "layer"), [], "", (name) => {
    model.set("layer", name);
    model.save_changes();
  });
  view.el.append(make("div", { class: "pw-row" }, select.element));
  const shown = () => model.get("layer") || (all ? "" : (layers().layer("")?.name ?? ""));
  watch(view, ["layer"], () => {
    select.select.value = shown();
  });
  return {
    refresh() {
      /** @type {[string, string][]} */
      const names = layers().list.map(({ name }) => [name, name]);
      select.fill(all ? [["", all], ...names] : names, shown());
      select.element.hidden = names.length < 2;
    },
  };
}
