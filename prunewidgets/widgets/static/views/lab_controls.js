// The lab's settings, folded behind one line that names them: layer, one τ for all layers or one per layer, criterion.
import { choice, make, write } from "../page/elements.js";
import { say } from "../page/text.js";
import { watch } from "../page/watch.js";
import { commit } from "../page/moving.js";
import { roundHalfEven } from "../numbers/ranking.js";
/** @import { Layers } from "../numbers/layers.js" */
/** @import { LabTraits, View } from "../types.js" */

/** @type {LabTraits["scope"][]} */
const SCOPES = ["global", "layer"];

/**
 * Builds the lab's first line, with the settings that it unfolds, into `view.el`.
 * @param {View<LabTraits>} view
 * @param {HTMLElement} title
 * @param {() => Layers} layers
 * @param {(name: string) => number} thresholdOf the threshold of a layer
 * @returns {HTMLElement} the row of settings, to which the pictures' own switches may be added
 */
export function mountControls(view, title, layers, thresholdOf) {
  const { model, el } = view;
  /**
   * @template {"layer" | "criterion" | "scope"} Name
   * @param {Name} name @param {LabTraits[Name]} value
   */
  const change = (name, value) => {
    model.set(name, value);
    commit(view);
  };
  const layer = choice(say(view, "layer"), [], "", (name) => change("layer", name));
  const criterion = choice(say(view, "criterion"), [], "", (name) => change("criterion", name));
  const group = `pw-${Math.random()}`; // keeps the radio buttons of two labs on one page apart
  const scopes = SCOPES.map((scope) => {
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
  const radios = make("div", { class: "pw-radios", role: "radiogroup", "aria-label": say(view, "scope") }, ...scopes.map((scope) => scope.element));
  const controls = make("div", { class: "pw-row pw-controls" }, layer.element, radios, criterion.element);
  const current = make("span", { class: "pw-soft" });
  const unfold = make("span", { class: "pw-unfold" }, say(view, "settings"));
  const fold = make("details", {}, make("summary", { class: "pw-lab-head" }, title, make("span", { class: "pw-chosen" }, current, unfold)), controls);
  el.append(fold);
  // Kept with the lab, so that it stays as it is when the lab is drawn again.
  watch(view, ["settings_open"], () => {
    fold.open = model.get("settings_open");
  });
  fold.addEventListener("toggle", () => {
    if (fold.open === model.get("settings_open")) return;
    model.set("settings_open", fold.open);
    model.save_changes();
  });
  watch(view, ["layers", "layer"], () =>
    layer.fill(
      model.get("layers").map(({ name }) => asOption(name)),
      model.get("layer"),
    ),
  );
  watch(view, ["criteria", "criterion"], () => {
    criterion.fill(model.get("criteria").map(asOption), model.get("criterion"));
    criterion.element.hidden = model.get("criteria").length < 2; // a saved page has the scores of one
  });
  // Other scores come from the kernel.
  view.shared.onKernelGone.push(() => {
    criterion.select.disabled = true;
  });
  watch(view, ["in_page"], () => {
    radios.hidden = model.get("in_page") === "fixed";
  });
  watch(view, ["scope"], () =>
    scopes.forEach(({ radio }) => {
      radio.checked = radio.value === model.get("scope");
    }),
  );
  watch(view, ["layer", "scope", "criterion"], () => {
    const scope = say(view, `scope_${model.get("scope")}`);
    write(current, say(view, "settings_now", { layer: model.get("layer"), scope, criterion: model.get("criterion") }));
  });
  return controls;
}

/** @param {string} name @returns {[value: string, text: string]} */
const asOption = (name) => [name, name];
