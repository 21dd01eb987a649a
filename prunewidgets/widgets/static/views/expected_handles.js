// Drawing a curve by hand: a handle at each sparsity, or a stroke across the picture.
import { make, write } from "../page/elements.js";
import { arrowOf, onKeys, plainKey } from "../page/keys.js";
import { percent, say } from "../page/text.js";
import { measureOf, sayOf, valueText } from "../page/measure.js";
import { roundStepOf } from "../numbers/round_steps.js";
import { commit } from "../page/moving.js";
import { passed } from "../numbers/expectation.js";
/** @import { ExpectedTraits, View } from "../types.js" */
/** @import { Scales } from "../page/accuracy_axes.js" */
/** @import { Spot } from "../numbers/expectation.js" */

const STILL = 3; // pixels within which a press has not moved
const REACH = 14; // pixels beside a handle's column within which the end of a stroke, or a press, still sets it

/** @type {Record<string, number>} */
const PAGES = { PageUp: 0.1, PageDown: -0.1 };

/**
 * @param {View<ExpectedTraits>} view
 * @param {{frame: HTMLElement, surface: HTMLElement, sparsities: () => number[], guess: () => Spot[], heightOf: (sparsity: number) => number,
 *   scales: () => Scales | null, draw: (spots: Spot[], pause?: number) => void, remember: () => void, putBack: (spots: Spot[]) => void,
 *   drawing: () => boolean}} parts
 */
export function mountHandles(view, { frame, surface, sparsities, guess, heightOf, scales, draw, remember, putBack, drawing }) {
  const { share } = measureOf(view);
  const [low, high] = view.model.get("span");
  const step = share ? 0.01 : roundStepOf(10 ** Math.floor(Math.log10((high - low) / 200)), (high - low) / 200);
  /** A value on the axis in whole steps, which are percentage points of a share. @param {number} value */
  const whole = (value) => Math.min(Math.max(Number((Math.round(value / step) * step).toPrecision(12)), low), high);
  /** @type {Map<number, HTMLElement>} */
  const handles = new Map();
  /** @type {{x: number, y: number, offset: number, sparsity: number | null, moved: boolean, before: Spot[]} | null} */
  let press = null; // of a handle, until it passes another one, or else a stroke

  /** @param {PointerEvent} event */
  const inside = (event) => {
    const box = surface.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  /** @param {number} y */
  const accuracyAt = (y) => whole(scales()?.accuracy(y) ?? 0);

  /** @param {number} sparsity */
  function newHandle(sparsity) {
    const value = make("span", { class: "pw-handle-value" });
    const handle = make("div", { class: "pw-handle", role: "slider", tabindex: 0, "aria-orientation": "vertical", "data-sparsity": sparsity }, value);
    onKeys(view, handle, (event) => {
      const key = plainKey(event);
      const now = heightOf(sparsity);
      const by = PAGES[key] ? PAGES[key] * (high - low) : arrowOf(event) * step;
      if (!drawing() || (!by && !["Home", "End", " "].includes(key))) return;
      event.preventDefault();
      remember();
      draw([[sparsity, key === "Home" ? low : key === "End" ? high : key === " " ? now : whole(now + by)]], 250);
    });
    return handle;
  }

  /** The columns of the handles. @returns {[number, number][]} [x in pixels, sparsity] */
  function columns() {
    const at = scales();
    return at ? sparsities().map((sparsity) => [at.x(sparsity), sparsity]) : [];
  }
  /** The handle whose column is nearest, as a list; none if it is too far away. @param {{x: number, y: number}} place @returns {[number, number][]} */
  function beside({ x, y }) {
    const [near] = columns().sort(([a], [b]) => Math.abs(a - x) - Math.abs(b - x));
    return near && Math.abs(near[0] - x) <= REACH ? [[near[1], y]] : [];
  }
  /** @param {[number, number][]} places [sparsity, y in pixels] */
  const drawAt = (places) => {
    if (places.length)
      draw(
        places.map(([sparsity, y]) => [sparsity, accuracyAt(y)]),
        250,
      );
  };

  frame.addEventListener("pointerdown", (event) => {
    const at = scales();
    if (event.button !== 0 || !drawing() || !at) return;
    const { x, y } = inside(event);
    const [sparsity, handle] = [...handles].find(([, each]) => each.contains(/** @type {Node} */ (event.target))) ?? [null, null];
    press = { x, y, offset: sparsity === null ? 0 : y - at.y(heightOf(sparsity)), sparsity, moved: false, before: guess() };
    remember();
    view.shared.dragging = true;
    frame.setPointerCapture(event.pointerId);
    if (!handle) return;
    handle.focus({ preventScroll: true });
    event.preventDefault();
  });
  frame.addEventListener("pointermove", (event) => {
    if (!press) return;
    const to = inside(event);
    to.y -= press.offset;
    const from = { x: press.x, y: press.moved ? press.y : press.y - press.offset };
    if (!press.moved) {
      if (Math.hypot(to.x - from.x, to.y - from.y) <= STILL) return;
      press.moved = true;
      frame.classList.add("pw-dragging");
      if (press.sparsity === null) drawAt(beside(from));
    }
    const others = passed(columns(), from, to).filter(([sparsity]) => sparsity !== press?.sparsity);
    if (others.length) press.sparsity = null;
    drawAt(press.sparsity === null ? [...beside(to), ...others] : [[press.sparsity, to.y]]);
    [press.x, press.y] = [to.x, to.y];
  });
  frame.addEventListener("pointerup", () => {
    if (!press) return;
    const { x, y, sparsity, moved } = press;
    if (!moved && sparsity !== null)
      draw([[sparsity, heightOf(sparsity)]]); // a press sets it where it rests
    else if (!moved) drawAt(beside({ x, y }));
    end();
    commit(view);
  });
  frame.addEventListener("pointercancel", () => {
    const before = press?.before;
    end();
    if (before) putBack(before); // the browser took the press over, to scroll
  });
  function end() {
    press = null;
    view.shared.dragging = false;
    frame.classList.remove("pw-dragging");
  }

  /** Puts the handles where the points are drawn. */
  function place() {
    const at = scales();
    if (!at) return;
    for (const [sparsity, handle] of handles) {
      const accuracy = heightOf(sparsity);
      handle.style.transform = `translate(${at.x(sparsity)}px, ${at.y(accuracy)}px)`;
      handle.classList.toggle("pw-below", (accuracy - low) / (high - low) > 0.85);
    }
  }

  function refresh() {
    if ([...handles.keys()].join() !== sparsities().join()) {
      for (const handle of handles.values()) handle.remove();
      handles.clear();
      for (const sparsity of sparsities()) handles.set(sparsity, newHandle(sparsity));
      frame.append(...handles.values());
    }
    const set = new Map(guess());
    for (const [sparsity, handle] of handles) {
      const accuracy = heightOf(sparsity);
      const values = { sparsity: percent(view, sparsity, 0), accuracy: valueText(view, accuracy, 0) };
      handle.hidden = !drawing();
      handle.classList.toggle("pw-set", set.has(sparsity));
      if (handle.firstElementChild) write(handle.firstElementChild, set.has(sparsity) ? values.accuracy : "");
      const spoken = {
        label: sayOf(view, ["handle", "handle_of"], values),
        valuemin: share ? 0 : low,
        valuemax: share ? 100 : high,
        valuenow: share ? Math.round(accuracy * 100) : accuracy,
        valuetext: say(view, set.has(sparsity) ? "handle_at" : "handle_unset", values),
      };
      for (const [attribute, text] of Object.entries(spoken)) handle.setAttribute(`aria-${attribute}`, String(text));
    }
    place();
  }
  return { refresh, place };
}
