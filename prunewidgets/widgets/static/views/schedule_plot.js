// The drawing of a schedule: what is removed below the line, what is left above it, and its marks as flags to drag.
import { make, write } from "../page/elements.js";
import { arrowOf, onKeys, plainKey } from "../page/keys.js";
import { grouped, percent, say } from "../page/text.js";
import { canvas } from "../page/canvas.js";
import { commit } from "../page/moving.js";
import { onPress } from "../page/press.js";
import { MARKS, USED, outline, roundStep, scheduledSparsity } from "../numbers/schedules.js";
import { drawAxes, hatch, margins, roundTicks } from "../page/axes.js";
/** @import { Colours, Plot, Settings, View } from "../types.js" */
/** @import { Mark } from "../numbers/schedules.js" */

const NEAR_MARK = 9; // pixels from a mark's line within which a press grabs it

/**
 * @param {View} view
 * @param {{settings: () => Settings, move: (name: Mark, step: number, pause: number) => void,
 *   room: (name: Mark) => [number, number], spoken: {speak: (text: string) => void}}} parts
 */
export function mountSchedulePlot(view, { settings, move, room, spoken }) {
  const picture = canvas(view, 2400, draw);
  const detail = make("div", { class: "pw-detail pw-reading" });
  /** @param {Mark} name */
  const flagOf = (name) => make("div", { class: "pw-flag", role: "slider", tabindex: 0, "data-mark": name });
  const flags = { begin: flagOf("begin"), end: flagOf("end") };
  const frame = make("div", { class: "pw-rise" }, picture.element, ...Object.values(flags));
  view.el.append(make("section", { class: "pw-panel", role: "group", "aria-label": say(view, "schedule_drawing") }, frame, detail));
  picture.element.tabIndex = 0;
  picture.element.setAttribute("role", "img");

  /** Without an extent until the first drawing. @type {Plot} */
  let plot = { left: 0, right: 0, top: 0, bottom: 0 };
  const isDrawn = () => plot.right > plot.left;
  /** The step being read. @type {number | null} */
  let cursor = null;
  /** The mark being dragged. @type {{name: Mark, from: number, offset: number, moved: boolean} | null} */
  let dragged = null;
  const total = () => settings().total;
  /** @param {number} step */
  const x = (step) => plot.left + (step / total()) * (plot.right - plot.left);
  /** @param {number} sparsity */
  const y = (sparsity) => plot.bottom - sparsity * (plot.bottom - plot.top);
  const marks = () => MARKS.filter((name) => USED[settings().kind].includes(name));

  /** @param {CanvasRenderingContext2D} context @param {number} width @param {number} height @param {Colours} colours */
  function draw(context, width, height, colours) {
    const edge = margins(colours.size);
    const row = Math.ceil(1.75 * colours.size); // of flags; there are two rows, so that the flags never hide each other
    plot = { left: edge.left, right: width - edge.right, top: 2 * row + 8, bottom: height - edge.bottom };
    const points = outline(settings(), Math.ceil(2 * (plot.right - plot.left)));
    /** @param {number} upTo */
    const area = (upTo) => {
      context.beginPath();
      context.moveTo(plot.left, upTo);
      for (const [step, sparsity] of points) context.lineTo(x(step), y(sparsity));
      context.lineTo(plot.right, upTo);
      context.closePath();
    };
    area(plot.top);
    context.fillStyle = colours.kept;
    context.globalAlpha = 0.16;
    context.fill();
    area(plot.bottom);
    colours.hatch ??= hatch(context, colours.pruned, colours.panel);
    context.fillStyle = colours.hatch;
    context.globalAlpha = 0.55;
    context.fill();
    context.globalAlpha = 1;
    context.font = `${colours.size}px ${colours.font}`;
    const apart = Math.max(5.5 * colours.size, context.measureText(grouped(view, total())).width + 16);
    drawAxes(context, colours, plot, {
      x: {
        low: 0,
        high: total(),
        at: x,
        name: say(view, "step_axis"),
        ticks: roundTicks(0, total(), (plot.right - plot.left) / apart).filter(Number.isInteger),
        text: (v) => grouped(view, v),
      },
      y: { low: 0, high: 1, at: y, name: say(view, "sparsity_axis"), ticks: [0, 0.25, 0.5, 0.75, 1], text: (v) => percent(view, v, 0) },
    });
    context.beginPath();
    for (const [step, sparsity] of points) context.lineTo(x(step), y(sparsity)); // the first one starts the line
    context.strokeStyle = colours.pruned;
    context.lineWidth = 2.5;
    context.lineJoin = "round";
    context.stroke();
    drawNames(context, colours);
    for (const name of marks()) drawLine(context, colours.ink, x(settings()[name]), row * (name === "end" ? 1 : 2), [5, 4]);
    if (cursor !== null) drawCursor(context, colours, cursor);
    placeFlags(row, width);
  }

  /** "left" above the line at its start, "removed" below it at its end, beside a mark that stands there. @param {CanvasRenderingContext2D} context @param {Colours} colours */
  function drawNames(context, colours) {
    const { size } = colours;
    const now = settings();
    /** @param {number} px */
    const level = (px) => y(scheduledSparsity(now, Math.round(((px - plot.left) / (plot.right - plot.left)) * now.total)));
    context.font = `600 ${size}px ${colours.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    const pad = 0.6 * size;
    /** @param {string} key @param {string} colour @param {number} from @param {1 | -1} side */
    const badge = (key, colour, from, side) => {
      const text = say(view, key);
      const wide = context.measureText(text).width + 2 * pad;
      const covers = marks()
        .map((name) => x(now[name]))
        .find((at) => (side > 0 ? at > from - pad && at < from + wide + pad : at < from + pad && at > from - wide - pad));
      const start = (covers ?? from) + side * pad;
      const [low, high] = side > 0 ? [start, start + wide] : [start - wide, start];
      if (low < plot.left || high > plot.right) return;
      const [top, bottom] = side > 0 ? [plot.top, Math.min(level(low), level(high))] : [Math.max(level(low), level(high)), plot.bottom];
      if (bottom - top < 2 * size) return;
      const middle = (top + bottom) / 2;
      context.fillStyle = colours.panel;
      context.globalAlpha = 0.88;
      context.beginPath();
      context.roundRect(low, middle - 0.8 * size, wide, 1.6 * size, 4);
      context.fill();
      context.globalAlpha = 1;
      context.fillStyle = colour;
      context.fillText(text, (low + high) / 2, middle + 1);
    };
    badge("left", colours.kept, plot.left, 1);
    badge("removed_part", colours.pruned, plot.right, -1);
    context.textBaseline = "alphabetic";
  }

  /** @param {CanvasRenderingContext2D} context @param {string} colour @param {number} left @param {number} top @param {number[]} dashes */
  function drawLine(context, colour, left, top, dashes) {
    context.strokeStyle = colour;
    context.lineWidth = 1.5;
    context.setLineDash(dashes);
    context.beginPath();
    context.moveTo(left, top);
    context.lineTo(left, plot.bottom);
    context.stroke();
    context.setLineDash([]);
  }

  /** @param {CanvasRenderingContext2D} context @param {Colours} colours @param {number} step */
  function drawCursor(context, colours, step) {
    drawLine(context, colours.mark, x(step), plot.top, []);
    context.fillStyle = colours.mark;
    context.strokeStyle = colours.panel;
    context.lineWidth = 2;
    context.beginPath();
    context.arc(x(step), y(scheduledSparsity(settings(), step)), 6, 0, 2 * Math.PI);
    context.fill();
    context.stroke();
  }

  /** Points each flag away from the other mark where the frame leaves it room. @param {number} row the height of a row of flags @param {number} width */
  function placeFlags(row, width) {
    for (const name of MARKS) {
      const flag = flags[name];
      flag.hidden = !marks().includes(name);
      if (flag.hidden) continue;
      const [at, long] = [x(settings()[name]), flag.offsetWidth];
      const right = name === "begin" ? at + long <= width : at - long < 0;
      flag.classList.toggle("pw-left", !right);
      flag.style.transform = `translate(${right ? at - 1 : at - long + 1}px, ${name === "end" ? 0 : row}px)`;
    }
  }

  /** @param {MouseEvent} event */
  const inside = (event) => event.clientX - picture.element.getBoundingClientRect().left;
  /** @param {number} px */
  const stepAt = (px) => Math.min(Math.max(((px - plot.left) / (plot.right - plot.left)) * total(), 0), total());
  /** The mark near a press. If both are on one step, a press on the left grabs the first, one on the right the last. @param {number} px @returns {Mark | undefined} */
  function markNear(px) {
    const near = marks()
      .map((name) => ({ name, off: px - x(settings()[name]) }))
      .filter(({ off }) => Math.abs(off) < NEAR_MARK);
    if (near.length === 2 && near[0].off === near[1].off) return near[near[0].off < 0 ? 0 : 1].name;
    return near.sort((a, b) => Math.abs(a.off) - Math.abs(b.off))[0]?.name;
  }

  /** @param {Mark} name @param {PointerEvent} event */
  function grab(name, event) {
    if (event.button !== 0 || !isDrawn()) return;
    dragged = { name, from: inside(event), offset: inside(event) - x(settings()[name]), moved: false };
    view.shared.dragging = true;
    frame.setPointerCapture(event.pointerId);
    frame.classList.add("pw-dragging");
    flags[name].focus({ preventScroll: true });
    event.preventDefault();
  }
  for (const name of MARKS) {
    const flag = flags[name];
    onPress(flag, (event) => grab(name, event));
    onKeys(view, flag, (event) => {
      const to = stepped(event, settings()[name]);
      if (to !== null) move(name, to, 250);
    });
  }
  /** Drags the mark, but not before the pointer really moves: a mark on an odd step would jump to a round one. @param {number} px */
  function dragTo(px) {
    if (!dragged) return;
    dragged.moved ||= Math.abs(px - dragged.from) > 2;
    if (dragged.moved) move(dragged.name, roundStep(stepAt(px - dragged.offset), total(), plot.right - plot.left), 250);
  }
  onPress(picture.element, (event) => {
    const name = isDrawn() && markNear(inside(event));
    if (name) grab(name, event);
  });
  frame.addEventListener("pointermove", (event) => {
    if (!isDrawn()) return;
    if (dragged) dragTo(inside(event));
    frame.classList.toggle("pw-near", !dragged && event.target === picture.element && Boolean(markNear(inside(event))));
    read(dragged ? settings()[dragged.name] : Math.round(stepAt(inside(event))));
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture"]) {
    frame.addEventListener(end, (event) => {
      if (!dragged || (end === "lostpointercapture" && event.target !== frame)) return; // from a flag to the frame
      dragged = null;
      view.shared.dragging = false;
      frame.classList.remove("pw-dragging");
      commit(view); // the kernel is informed at once
    });
  }
  onKeys(view, picture.element, (event) => {
    const to = stepped(event, cursor ?? 0);
    if (to === null) return;
    const step = Math.min(Math.max(to, 0), total());
    read(step);
    spoken.speak(reading(step));
  });

  /** The step that a key leads to: a hundredth of the total away, with Shift or Page keys a tenth. @param {KeyboardEvent} event @param {number} from */
  function stepped(event, from) {
    const few = Math.max(1, Math.round(total() / 100));
    const many = Math.max(1, Math.round(total() / 10));
    const key = plainKey(event);
    const by = key === "PageUp" ? many : key === "PageDown" ? -many : arrowOf(event) * (event.shiftKey ? many : few);
    if (key !== "Home" && key !== "End" && !by) return null;
    event.preventDefault();
    return key === "Home" ? 0 : key === "End" ? total() : from + by;
  }

  /** @param {number} step */
  function read(step) {
    cursor = step;
    show();
  }

  /** @param {number} step */
  function reading(step) {
    const sparsity = scheduledSparsity(settings(), step);
    return say(view, "at_step", { step: grouped(view, step), removed: percent(view, sparsity), kept: percent(view, 1 - sparsity) });
  }

  function show() {
    detail.dataset.hint = say(view, marks().length ? "hint_schedule" : "hint_constant");
    if (cursor !== null) {
      cursor = Math.min(cursor, total());
      write(detail, reading(cursor));
    }
    for (const name of marks()) {
      const [flag, step] = [flags[name], settings()[name]];
      const [low, high] = room(name);
      const key = settings().kind === "one_shot" ? "flag_prune" : name === "begin" ? "flag_begin" : "flag_end";
      write(flag, say(view, key, { step: grouped(view, step) }));
      const values = { label: say(view, name), valuemin: low, valuemax: high, valuenow: step, valuetext: reading(step) };
      for (const [attribute, value] of Object.entries(values)) flag.setAttribute(`aria-${attribute}`, String(value));
    }
    const steps = [0, 0.25, 0.5, 0.75, 1].map((way) => Math.round(way * total()));
    picture.element.setAttribute("aria-label", `${say(view, "schedule_drawing")}. ${steps.map(reading).join("; ")}. ${say(view, "schedule_keys")}`);
    picture.redraw();
  }

  return { show };
}
