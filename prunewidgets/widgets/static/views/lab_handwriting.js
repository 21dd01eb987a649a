// Your own handwriting: a digit drawn in the lab, read by the network as it is pruned now and without pruning.
import { contextOf } from "../page/canvas.js";
import { make, write } from "../page/elements.js";
import { percent, say } from "../page/text.js";
import { watch } from "../page/watch.js";
import { commit } from "../page/moving.js";
import { SIDE, asDigit } from "../numbers/digit.js";
import { digitBars, sure } from "./digit_bars.js";
import { PEN, drawingPad } from "./drawing_pad.js";
/** @import { LabTraits, State, TraitName, View } from "../types.js" */

/** What shows whether a reading is stale. @type {TraitName[]} */
const STATE = ["reading", "misread", "drawn", "threshold", "thresholds", "scope", "criterion", "generation", "working"];

/**
 * Builds the part, folded behind one button, where the network reads pictures of digits.
 * @param {View<LabTraits>} view
 * @param {(measured: Partial<State>) => string} staleBecause see `whyStale`
 * @param {{remember: () => void}} field keeps the threshold, to go back to
 */
export function mountHandwriting(view, staleBecause, field) {
  const { model, el } = view;
  if (!model.get("takes_drawings")) return;
  const body = make("div", { class: "pw-handwriting", hidden: true });
  const open = make("button", { type: "button", class: "pw-button pw-fold", "aria-expanded": "false", click: press }, say(view, "draw_digit"));
  el.append(open, body);
  /** @param {boolean} now */
  function unfold(now) {
    if (!body.childElementCount) fillBody(view, body, staleBecause);
    body.hidden = !now;
    open.setAttribute("aria-expanded", String(now));
  }
  function press() {
    unfold(body.hidden === true);
    if (!body.hidden) body.scrollIntoView({ block: "nearest" }); // it is the lowest part of a lab, below the screen on a projector
  }
  if (drawnNow(view)) unfold(true); // in a notebook that was saved with it
  let first = true;
  // The kernel moves the threshold right after this; undo goes back to the one before.
  watch(view, ["misread"], () => {
    if (!first && model.get("misread").sparsity != null) field.remember();
    first = false;
  });
}

/** The drawing of the present state, null for none. @param {View<LabTraits>} view */
function drawnNow(view) {
  const drawn = view.model.get("drawn");
  return drawn?.byteLength === SIDE * SIDE ? drawn : null;
}

/** @param {DataView | null} bytes */
const hexOf = (bytes) =>
  Array.from(bytes ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : [], (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {View<LabTraits>} view @param {HTMLElement} body @param {(measured: Partial<State>) => string} staleBecause */
function fillBody(view, body, staleBecause) {
  const { model } = view;
  let sent = model.get("drawn"); // by this page, or shown by it
  let silent = false; // the kernel was asked and has not answered for a while
  const pad = drawingPad(view, () => drawnNow(view), send, showSeen);
  const seen = make("canvas", { class: "pw-seen", width: SIDE, height: SIDE, role: "img", "aria-label": say(view, "seen_spoken") });
  const bars = digitBars(view);
  const [sentence, state, found, tried] = ["pw-read", "pw-soft", "pw-found", "pw-soft"].map((name) => make("span", { class: name }));
  /** @param {string} key @param {() => void} click */
  const button = (key, click) => make("button", { type: "button", class: "pw-button", click }, say(view, key));
  const [undo, clear] = [button("undo_stroke", pad.undo), button("clear", pad.clear)];
  const until = button("until_misread", () => {
    model.send({ do: "find_misread" });
    view.shared.onRequest();
  });
  body.append(
    make("div", { class: "pw-pad" }, pad.element, pad.spoken, make("div", { class: "pw-row" }, undo, clear)),
    make("figure", { class: "pw-seen-figure" }, seen, make("figcaption", { class: "pw-soft" }, say(view, "seen"))),
    bars.element,
    make(
      "div",
      { class: "pw-handwriting-text", "aria-live": "polite" },
      make("div", {}, sentence, " ", state),
      make("div", { class: "pw-row" }, until, found, tried),
      make("div", { class: "pw-soft" }, say(view, "hint_pad")),
    ),
  );

  /** Sends the drawing to the kernel. @param {number} pause */
  function send(pause) {
    const strokes = pad.strokes();
    sent = new DataView(strokes.length ? asDigit(strokes, PEN).buffer : new ArrayBuffer(0));
    model.set("drawn", sent);
    commit(view, pause);
  }
  function showSeen() {
    const strokes = pad.strokes();
    const before = drawnNow(view);
    const picture = strokes.length || !before ? asDigit(strokes, PEN) : new Uint8Array(before.buffer, before.byteOffset, before.byteLength);
    const image = new ImageData(SIDE, SIDE);
    for (const [i, value] of picture.entries()) image.data.set([value, value, value, 255], 4 * i);
    contextOf(seen).putImageData(image, 0, 0);
    undo.disabled = !strokes.length;
    clear.disabled = !strokes.length && !before;
  }
  function show() {
    const [reading, drawn] = [model.get("reading"), drawnNow(view)];
    const { now, unpruned, read, was } = reading;
    const known = drawn !== null && now !== undefined && unpruned !== undefined && read !== undefined && was !== undefined;
    const current = known && reading.drawn === hexOf(drawn);
    const stale = current ? staleBecause(reading) : "other drawing";
    bars.show(known ? reading : {});
    body.classList.toggle("pw-old-reading", known && stale !== "");
    const values = known && { now: read, sure: sure(view, now[read]), was, sure_was: sure(view, unpruned[was]) };
    write(sentence, values ? say(view, "read_as", values) : drawn ? "" : say(view, "nothing_drawn"));
    const { kernelGone } = view.shared;
    write(state, drawn && stale ? say(view, kernelGone ? "kernel_gone" : silent ? "no_kernel" : current ? "stale_short" : "being_read") : "");
    until.disabled = !drawn || kernelGone || (model.get("working") !== "" && !silent);
    write(found, current ? saidMisread() : "");
    write(tried, found.textContent && model.get("misread").sparsity != null ? say(view, "tried") : "");
  }
  /** The sentence about the first sparsity at which this drawing is misread, "" if that is not known. */
  function saidMisread() {
    const { sparsity, read, was, generation, criterion, scope } = model.get("misread");
    const same = generation === model.get("generation") && criterion === model.get("criterion") && scope === model.get("scope");
    if (!same || was === undefined) return "";
    return sparsity == null ? say(view, "never_misread", { was }) : say(view, "first_misread", { sparsity: percent(view, sparsity, 1), read, was });
  }
  const { onNoAnswer } = view.shared;
  view.shared.onNoAnswer = (now) => {
    onNoAnswer(now);
    silent = now;
    show();
  };
  watch(view, ["drawn"], () => {
    if (hexOf(model.get("drawn")) !== hexOf(sent)) pad.forget(); // another page of this lab has drawn
    sent = model.get("drawn");
    pad.redraw();
    showSeen();
  });
  watch(view, STATE, show);
}
