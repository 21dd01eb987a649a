// The axes of accuracy over sparsity, on which the reader draws a curve before it is measured. What was measured shows
// only when the guess is locked, or without one when the reader asks for that.
import { renderer } from "../page/view.js";
import { announcer, checkbox, make, write } from "../page/elements.js";
import { onKeys } from "../page/keys.js";
import { grouped, number, percent, say } from "../page/text.js";
import { measureOf, sayOf, titleParts, valueText } from "../page/measure.js";
import { watch } from "../page/watch.js";
import { commit } from "../page/moving.js";
import { curveOf, gapBetween, restingHeight } from "../numbers/expectation.js";
import { mountHandles } from "./expected_handles.js";
import { mountExpectedPlot } from "./expected_plot.js";
/** @import { Spot } from "../numbers/expectation.js" */
/** @import { ExpectedTraits, View } from "../types.js" */

const CROWDED = 0.045; // sparsities closer than this are hard to hit on an axis that is not stretched

export const expected = renderer((/** @type {View<ExpectedTraits>} */ view) => {
  const { model } = view;
  /** @type {Spot[][]} */
  const earlier = []; // guesses that undo goes back to
  const guess = () => model.get("guess");
  const sparsities = () => model.get("sparsities");
  const points = () => model.get("series").flatMap((line) => line.points);
  const drawing = () => model.get("stage") === "drawing";
  const curve = () => curveOf(guess(), model.get("unpruned"));
  const gap = () => (model.get("stage") === "locked" ? gapBetween(guess(), model.get("unpruned"), points(), share ? 100 : 1) : null);
  const { share } = measureOf(view);
  const [low, high] = model.get("span");
  const heightOf = (/** @type {number} */ sparsity) => restingHeight(curve(), sparsity, (low + high) / 2);
  const oneDecimal = (/** @type {number} */ value) => (share ? `${grouped(view, Math.round(value * 1000) / 10)} %` : valueText(view, value));

  /** Sets some points; `pause` is how many milliseconds to wait before the kernel is informed. @param {Spot[]} spots @param {number} [pause] */
  function draw(spots, pause = 0) {
    model.set(
      "guess",
      [...new Map([...guess(), ...spots])].sort(([a], [b]) => a - b),
    );
    commit(view, pause);
  }
  function remember() {
    earlier.push(guess());
    refresh();
  }
  /** @param {Spot[]} spots */
  function putBack(spots) {
    model.set("guess", spots);
    commit(view);
    refresh();
  }
  function back() {
    const now = JSON.stringify(guess());
    const last = earlier.findLastIndex((spots) => JSON.stringify(spots) !== now);
    if (last === -1 || !drawing()) return;
    putBack(earlier.splice(last)[0]);
  }
  /** @param {ExpectedTraits["stage"]} stage */
  function goTo(stage) {
    model.set("stage", stage);
    commit(view);
    plot.picture.element.focus({ preventScroll: true });
  }

  /** @param {string} key @param {() => void} click @param {string} [kind] */
  const button = (key, click, kind = "") => make("button", { type: "button", class: `pw-button ${kind}`, "data-do": key, click }, say(view, key));
  const undo = make(
    "button",
    { type: "button", class: "pw-button pw-undo", title: say(view, "undo_drawing"), "aria-label": say(view, "undo_drawing"), click: back },
    "↶",
  );
  const over = button("start_over", () => {
    remember();
    putBack([]);
  });
  const lock = button("lock", () => goTo("locked"), "pw-strong");
  const show = button("show_anyway", () => goTo("shown"));
  const legend = make("div", { class: "pw-legend" });
  const result = make("div", { class: "pw-result" });
  const spoken = announcer(view);

  const steps = sparsities().map((sparsity, i, all) => all[i + 1] - sparsity);
  const plot = mountExpectedPlot(view, {
    stretched: steps.some((step) => step < CROWDED),
    spots: () => sparsities().map((sparsity) => ({ sparsity, accuracy: heightOf(sparsity), set: guess().some(([at]) => at === sparsity) })),
    curve,
    points,
    gap,
    placed: () => handles.place(),
  });
  const stretch = checkbox(say(view, "stretch"), plot.stretched(), plot.stretch);
  const frame = make("div", { class: "pw-expected-frame" }, plot.picture.element);
  const handles = mountHandles(view, {
    frame,
    surface: plot.picture.element,
    sparsities,
    guess,
    heightOf,
    scales: plot.scales,
    draw,
    remember,
    putBack,
    drawing,
  });
  view.el.append(
    make(
      "section",
      { class: "pw-panel pw-expected", role: "group", "aria-label": sayOf(view, ["expected", "expected_of"]) },
      make("div", { class: "pw-head" }, make("div", { class: "pw-title" }, ...titleParts(view, sayOf(view, ["expected", "expected_of"]))), stretch),
      frame,
      make("div", { class: "pw-row pw-expected-row" }, undo, over, lock, show, legend),
      result,
      plot.detail,
      spoken.element,
    ),
  );
  onKeys(view, view.root, (event) => {
    if (event.key !== "z" || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || !drawing()) return;
    event.preventDefault();
    back();
  });

  /** What the view says at this moment, in one or two sentences. */
  function state() {
    const counts = { set: grouped(view, guess().length), all: grouped(view, sparsities().length) };
    if (drawing()) {
      const all = guess().length === sparsities().length;
      const said = say(view, all ? "expected_ready" : guess().length ? "expected_set" : "hint_expected", counts);
      const then = points().length ? say(view, "expected_waiting") : all ? say(view, "expected_before") : "";
      return `${said} ${then}`.trim();
    }
    const found = gap();
    if (found) {
      return say(view, share ? "gap" : "gap_of", {
        mean: share ? grouped(view, Math.round(found.mean * 10) / 10) : number(view, found.mean),
        sparsity: percent(view, found.sparsity, 0),
        expected: oneDecimal(found.expected),
        measured: oneDecimal(found.measured),
      });
    }
    if (!points().length) return say(view, "expected_nothing");
    return say(view, model.get("stage") === "shown" ? "expected_shown" : "gap_nowhere");
  }

  let mounted = false; // a page that opens does not read all its views aloud
  let waiting = 0; // the timer of a sentence that waits until the points have grown: it says how they lie
  view.signal.addEventListener("abort", () => clearTimeout(waiting));
  function report() {
    clearTimeout(waiting);
    const pause = plot.growing();
    if (pause) waiting = setTimeout(report, pause + 20);
    write(result, pause ? "" : state());
    result.classList.toggle("pw-found", !pause && Boolean(gap()));
    if (!pause && mounted) spoken.speak(state());
  }
  function refresh() {
    const open = drawing();
    for (const element of [undo, over, lock, show]) element.hidden = !open;
    undo.disabled = !earlier.length;
    lock.disabled = guess().length < sparsities().length;
    legend.hidden = open;
    frame.classList.toggle("pw-drawing", open);
    handles.refresh();
  }

  /** @param {string} mark @param {string} colour @param {string} key */
  const entry = (mark, colour, key) => {
    const swatch = make("span", { class: "pw-swatch", "aria-hidden": "true" }, mark);
    swatch.style.color = `var(--pw-line-${colour})`;
    return make("span", {}, swatch, say(view, key));
  };
  watch(view, ["guess", "stage", "series", "sparsities", "unpruned"], () => {
    refresh();
    legend.replaceChildren(...(model.get("stage") === "locked" ? [entry("◆", "2", "your_curve")] : []), entry("●", "1", "measured"));
    plot.refresh();
    report();
  });
  mounted = true;
});
