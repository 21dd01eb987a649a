// A number field, with a slider beside it where one helps; an invalid entry is reported and not applied.
import { make, onEntry, overwrite } from "./elements.js";
import { onKeys } from "./keys.js";
import { say } from "./text.js";
/** @import { View } from "../types.js" */

/**
 * @param {View} view
 * @param {{name: string, key: string, bad: string, unit?: string, times?: number, slider?: [number, number, number],
 *   allowed: (value: number) => [number, number], text: (shown: number) => string,
 *   change: (value: number, pause: number) => void, refuse: (text: string) => void}} options
 *   `key` is the label's key in words.py and `bad` that of the message for an invalid entry; `times` is the factor
 *   from the value to the number shown; `slider` holds minimum, maximum and step, as shown
 */
export function entry(view, { name, key, bad, unit = "", times = 1, slider, allowed, text, change, refuse }) {
  const label = say(view, key);
  const field = make("input", { type: "text", inputmode: "decimal", class: "pw-number pw-entry", "aria-label": unit ? `${label} (${unit})` : label });
  const range = slider && make("input", { type: "range", class: "pw-range pw-short", min: slider[0], max: slider[1], step: slider[2], "aria-label": label });
  const element = make("label", { class: "pw-pair", "data-setting": name }, label, ...(range ? [range] : []), field, unit);
  let typing = false; // while true, an incoming value does not overwrite what is being typed
  let now = 0;
  /** @param {number} value */
  const shown = (value) => Number((value * times).toPrecision(12));

  function show(value = now) {
    now = value;
    if (range) {
      range.value = String(shown(now));
      range.setAttribute("aria-valuetext", `${text(shown(now))} ${unit}`.trim());
    }
    if (typing) return;
    overwrite(field, text(shown(now)));
    field.style.minWidth = `${field.value.length + 2.5}ch`; // a long number is not cut off
    field.removeAttribute("aria-invalid");
  }

  /** Discards what was typed and shows the current value again. */
  function discardTyped() {
    typing = false;
    show();
    refuse("");
  }
  field.addEventListener("input", () => {
    typing = true;
  });
  onEntry(view, field, () => {
    if (!typing) return;
    typing = false;
    const typed = field.value.replaceAll(/[\s%]/g, "").replace(",", ".").replace("−", "-");
    const value = typed === "" ? NaN : Number((Number(typed) / times).toPrecision(15));
    const [low, high] = allowed(value);
    if (value >= low && value <= high) {
      change(value, 0);
      return discardTyped();
    }
    field.setAttribute("aria-invalid", "true");
    return refuse(say(view, bad, { typed: field.value, low: text(shown(low)), high: text(shown(high)) }));
  });
  field.addEventListener("blur", () => {
    if (typing) discardTyped();
  });
  onKeys(view, field, (event) => {
    if (event.key !== "Escape") return;
    discardTyped();
    field.select();
  });
  range?.addEventListener("input", () => {
    const wanted = Number((Number(range.value) / times).toPrecision(12));
    const [low, high] = allowed(wanted);
    change(Math.min(Math.max(wanted, low), high), 250);
    show(); // even if nothing changed, so that the thumb is at the value
  });
  return { element, show };
}
