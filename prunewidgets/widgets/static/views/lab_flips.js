// Examples that the unpruned model classifies correctly and this one does not, and how many went which way.
import { contextOf } from "../page/canvas.js";
import { make } from "../page/elements.js";
import { grouped, say } from "../page/text.js";
import { watch } from "../page/watch.js";
import { mountFlipText } from "./flip_text.js";
/** @import { LabTraits, State, View } from "../types.js" */

/** Builds the strip of examples. @param {View<LabTraits>} view @param {(measured: Partial<State>) => string} staleBecause see `whyStale` */
export function mountFlips(view, staleBecause) {
  const { model } = view;
  if (!model.get("can_flip")) return;
  const strip = make("div", { class: "pw-flips" });
  view.el.append(strip);
  const describe = mountFlipText(view, strip);
  watch(view, ["flips", "flip_images"], () => {
    const flips = model.get("flips");
    const [height, width, channels] = model.get("image_shape");
    const pixels = model.get("flip_images");
    const { total, n } = flips;
    const caption =
      total === undefined || n === undefined ? "" : say(view, total ? "flipped" : "none_flipped", { total: grouped(view, total), n: grouped(view, n) });
    const shown = flips.shown ?? [];
    const figures = shown.map((flip, i) => {
      const text = `${flip.label} → ${flip.read}`;
      const figure = make("div", { class: "pw-flip" });
      if (height && pixels && pixels.byteLength >= (i + 1) * height * width * channels) figure.append(drawImage(pixels, i, [height, width, channels], text));
      figure.append(make("div", {}, text));
      return figure;
    });
    describe(figures.map((figure, i) => [figure, shown[i]]));
    strip.replaceChildren(
      make(
        "div",
        { class: "pw-flips-text" },
        make("div", { class: "pw-label" }, caption),
        make("div", { class: "pw-soft pw-paired", title: say(view, "paired_explained") }, pairedText()),
      ),
      make("div", { class: "pw-flips-row" }, ...figures),
    );
  });
  /** How many were lost and won, and whether that could be chance. */
  function pairedText() {
    const { total, won, p_value: p } = model.get("flips");
    if (total == null || won == null || p == null || total + won === 0) return "";
    const chance = p < 0.0001 ? say(view, "p_below", { p: "0.0001" }) : say(view, "p_value", { p: Number(p.toPrecision(2)) });
    return say(view, "paired", { lost: grouped(view, total), won: grouped(view, won), chance });
  }
  // Faint while it belongs to a setting other than the one shown.
  watch(view, ["flips", "threshold", "thresholds", "scope", "criterion", "generation"], () => {
    strip.classList.toggle("pw-stale", staleBecause(model.get("flips")) !== "");
  });
}

/** Draws the i-th image. @param {DataView} pixels @param {number} i @param {LabTraits["image_shape"]} shape @param {string} text */
function drawImage(pixels, i, [height, width, channels], text) {
  const element = make("canvas", { width, height, role: "img", "aria-label": text });
  const image = new ImageData(width, height);
  for (let p = 0; p < width * height; p += 1) {
    for (let c = 0; c < 3; c += 1) {
      image.data[4 * p + c] = pixels.getUint8((i * height * width + p) * channels + (channels === 3 ? c : 0));
    }
    image.data[4 * p + 3] = 255;
  }
  contextOf(element).putImageData(image, 0, 0);
  return element;
}
