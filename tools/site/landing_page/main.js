// The site's first page: one handle, one network, and what is measured of it in this browser.
import { hostModel } from "../../../prunewidgets/pages/static/host.js";
import { carried } from "../../../prunewidgets/pages/static/payload.js";
import { copied, networkOf } from "../../../prunewidgets/pages/static/sent_network.js";
import { Layers } from "../../../prunewidgets/widgets/static/numbers/layers.js";
import { thresholdText } from "../../../prunewidgets/widgets/static/numbers/ranking.js";
import { grouped, percent, say } from "../../../prunewidgets/widgets/static/page/text.js";
import { play } from "./autoplay.js";
import { mountNetwork } from "./network.js";
import { mountPlot } from "./plot.js";
import { mountSteps, narrowed } from "./steps.js";
import { draw, imageOf, mountWall } from "./wall.js";
/** @import { Lab } from "../../../prunewidgets/pages/static/lab_state.js" */
/** @import { View } from "../../../prunewidgets/widgets/static/types.js" */
/** @import { Answer, Asked, Carried, Cut, Point } from "./types.js" */

const PAUSE = 900; // milliseconds without a move until it is spoken
const SIDE = 28;

/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));

export async function start() {
  /** @type {Carried} */
  const page = await carried("page");
  const model = hostModel({ ...page.state, words: page.words }, { changed: () => {}, asked: () => {} });
  const lab = /** @type {Lab} */ (/** @type {unknown} */ (model));
  const view = /** @type {View} */ (/** @type {unknown} */ ({ model }));
  const layers = Layers.of(lab);
  const ranking = layers.ranking("");
  const text = (/** @type {string} */ key, values = {}) => say(view, key, values);
  const as = {
    share: (/** @type {number} */ share) => percent(view, share, 1),
    accuracy: (/** @type {number} */ share) => percent(view, share, 2),
    threshold: (/** @type {number} */ threshold) => thresholdText(threshold, ranking.round),
  };
  const { total } = page;
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const handle = /** @type {HTMLInputElement} */ (find("#handle"));
  const spoken = find(".spoken");
  const pixels = new Uint8Array(copied(page.digits));
  const image = (/** @type {number} */ index) => imageOf(pixels.subarray(index * SIDE * SIDE, (index + 1) * SIDE * SIDE), SIDE);

  const [first] = page.stops;
  const unpruned = first.accuracy;
  /** @param {number} share @returns {Cut} */
  const cutAt = (share) => {
    const threshold = short(ranking.thresholdFor(Math.round(share * ranking.total)), share < 1 ? Math.round : Math.ceil);
    const removed = ranking.removed(threshold);
    return { share: removed / ranking.total, removed, threshold };
  };
  let cut = cutAt(0);
  /** What was measured last. @type {Point} */
  let point = { ...cut, accuracy: unpruned, n: total };
  let edge = { above: point, under: /** @type {Point | null} */ (null) };
  let read = page.labels;
  /** @type {number | null} */
  let guess = null;
  /** @type {Worker | null} */
  let worker = null;
  let [id, readId, playing, failed] = [0, 0, false, ""];
  /** The cuts that are being measured. @type {Map<number, Cut>} */
  const asked = new Map();

  const showNetwork = mountNetwork(/** @type {HTMLCanvasElement} */ (find(".network canvas")), layers);
  const plot = mountPlot(find(".plot"));
  const showWall = mountWall(find(".digits"), page.labels, { text, image });
  draw(document.querySelector(".seven canvas"), image(page.seven));

  let pause = 0;
  const speak = (/** @type {string} */ said, after = 0) => {
    clearTimeout(pause);
    if (!playing) pause = setTimeout(() => (spoken.textContent = said), after);
  };
  const reply = mountSteps(find(".guide"), {
    text,
    as,
    speak: (said) => speak(said, PAUSE),
    guessed(share) {
      guess = share;
      plot.guess(share);
      answerSteps();
    },
  });

  const isCurrent = () => point.removed === cut.removed && readId === id;
  function answerSteps() {
    reply({ cut, point, current: isCurrent(), total, unpruned, read, seven: page.seven, label: page.labels[page.seven], ...edge, guess });
  }

  /** @param {number} share @param {boolean} [byHand] */
  function moveTo(share, byHand = false) {
    cut = cutAt(share);
    const threshold = as.threshold(cut.threshold);
    if (!byHand) handle.value = String(Math.round(share * Number(handle.max)));
    handle.setAttribute("aria-valuetext", text("value", { share: as.share(cut.share), threshold }));
    find("#share").textContent = as.share(cut.share);
    find("#below").textContent = cut.removed ? text("below", { threshold }) : text("none_gone");
    showNetwork(cut.removed, still.matches);
    id += 1;
    if (failed) showStop();
    else if (worker) {
      asked.set(id, cut);
      send({ do: "measure", id, threshold: cut.threshold });
      if (point.n === total && point.removed !== cut.removed) find("#how").textContent = text("measuring");
    }
    plot.show(cut, point);
    answerSteps();
  }

  /** @param {Asked} question @param {Transferable[]} given */
  const send = (question, given = []) => worker?.postMessage(question, given);

  /** @param {Answer} answer */
  function answered(answer) {
    if (answer.kind === "failed") return fail(answer.error);
    if (answer.kind === "started") return begin();
    const measured = asked.get(answer.id);
    if (!measured) return;
    if (answer.kind === "read") {
      [read, readId] = [answer.read, answer.id];
      showWall(read);
      answerSteps();
      return;
    }
    const { correct, n } = answer;
    for (const other of asked.keys()) if (other < answer.id) asked.delete(other);
    point = { ...measured, accuracy: correct / n, n };
    plot.add(point);
    if (n === total) edge = narrowed(edge, point);
    find("#accuracy").textContent = as.accuracy(point.accuracy);
    find("#how").textContent = text(n === total ? "right_all" : "right_of", { n: grouped(view, n) });
    plot.show(cut, point);
    answerSteps();
    if (n === total && answer.id === id) settled();
  }

  /** All digits are measured, and nothing has moved since. */
  function settled() {
    const counts = { removed: cut.removed, total: ranking.total, kept: ranking.total - cut.removed };
    const said = Object.fromEntries(Object.entries(counts).map(([name, n]) => [name, grouped(view, n)]));
    find(".network canvas").setAttribute("aria-label", text("network", said));
    if (find(".answer.done")) return; // the step's answer is spoken
    speak(text("spoken", { share: as.share(cut.share), threshold: as.threshold(cut.threshold), accuracy: as.accuracy(point.accuracy) }), PAUSE);
  }

  /** @param {string} error */
  function fail(error) {
    failed = error;
    worker = null;
    for (const stop of page.stops) plot.add({ ...stop, removed: 0, n: total });
    showStop();
  }

  /** Without a worker: the nearest of what was measured in Python. */
  function showStop() {
    const nearest = page.stops.reduce((best, stop) => (Math.abs(stop.share - cut.share) < Math.abs(best.share - cut.share) ? stop : best));
    point = { ...cutAt(nearest.share), accuracy: nearest.accuracy, n: total };
    edge = narrowed(edge, point);
    find("#accuracy").textContent = as.accuracy(point.accuracy);
    find("#how").textContent = text("failed", { error: failed, share: as.share(point.share) });
    plot.show(cut, point);
    answerSteps();
  }

  /** The worker is ready: play, unless somebody was here first. */
  function begin() {
    if (id > started || still.matches || document.hidden) return moveTo(cut.removed / ranking.total);
    playing = true;
    document.body.classList.add("playing");
    play(page.played, moveTo, () => {
      playing = false;
      document.body.classList.remove("playing");
    });
  }

  handle.addEventListener("input", () => moveTo(Number(handle.value) / Number(handle.max), true));
  followPointer(plot.area, handle);
  for (const button of document.querySelectorAll("[data-by]")) {
    button.addEventListener("click", () => {
      handle.value = String(Number(handle.value) + Number(button.getAttribute("data-by"))); // a finger cannot drag so little
      handle.dispatchEvent(new Event("input"));
    });
  }
  const begins = still.matches ? page.played : 0;
  if (still.matches) {
    const stop = page.stops.find(({ share }) => Math.abs(share - begins) < 0.001) ?? first;
    point = { ...cutAt(stop.share), accuracy: stop.accuracy, n: total };
    find("#accuracy").textContent = as.accuracy(point.accuracy);
  }
  moveTo(begins);
  plot.add(point);
  const started = id;
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done))); // first the picture
  try {
    const [engine, data] = await Promise.all([carried("engine"), carried("data")]);
    worker = new Worker(URL.createObjectURL(new Blob([engine.source], { type: "text/javascript" })));
    worker.onmessage = ({ data }) => answered(data);
    worker.onerror = ({ message }) => fail(message);
    const wasm = new Uint8Array(copied(engine.wasm));
    const network = networkOf(lab, data);
    const given = [wasm.buffer, ...network.x.map(({ values }) => values.buffer)];
    send({ do: "start", network, wasm, rows: page.labels.length }, given);
  } catch (error) {
    fail(String(error));
  }
}

/** A threshold with four digits, as one would write it down. @param {number} threshold @param {(x: number) => number} round */
function short(threshold, round) {
  if (!threshold) return 0;
  const unit = 10 ** (Math.floor(Math.log10(threshold)) - 3);
  return Number((round(threshold / unit) * unit).toPrecision(4));
}

/** Lets the picture above the handle be dragged like the handle. @param {HTMLElement} area @param {HTMLInputElement} handle */
function followPointer(area, handle) {
  const follow = (/** @type {PointerEvent} */ event) => {
    const { left, width } = area.getBoundingClientRect();
    const share = Math.min(Math.max((event.clientX - left) / width, 0), 1);
    handle.value = String(Math.round(share * Number(handle.max)));
    handle.dispatchEvent(new Event("input"));
  };
  area.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault();
    area.setPointerCapture(event.pointerId);
    handle.focus({ preventScroll: true }); // the arrow keys go on from there
    follow(event);
  });
  area.addEventListener("pointermove", (event) => {
    if (area.hasPointerCapture(event.pointerId)) follow(event);
  });
}
