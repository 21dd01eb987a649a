// Starts a page: shows its views, then the workers that measure its labs.
import { checkedModel } from "../../widgets/static/page/checked_model.js";
import { make } from "../../widgets/static/page/elements.js";
import { loadFont } from "../../widgets/static/page/font.js";
import { takeAnswers } from "./answers.js";
import { followViews } from "./followers.js";
import { takeGuesses } from "./guesses.js";
import { hostModel } from "./host.js";
import { LabAnswerer } from "./lab_answerer.js";
import { offerLecture } from "./lecture/start.js";
import { carried } from "./payload.js";
import { reachable } from "./scrollers.js";
import { copied, networkOf } from "./sent_network.js";
import { StopsAnswerer } from "./stops_answerer.js";
/** @import { HostModel, Render } from "../../widgets/static/types.js" */
/** @import { Lab } from "./lab_state.js" */
/** @import { Part } from "./types.js" */

const ALIVE = new AbortController().signal; // the views of a page end with the page

/** @param {Record<string, Render>} views what the page shows, by the names of the views */
export async function start(views) {
  void loadFont(); // for the prose, also where there is no view
  try {
    await show(views);
  } catch (error) {
    const broken = document.querySelector(".page-broken");
    if (broken instanceof HTMLElement) broken.hidden = false;
    throw error; // for the browser's console
  }
}

/** @param {Record<string, Render>} views */
async function show(views) {
  /** @type {{words: Record<string, string>, parts: Part[]}} */
  const { words, parts } = await carried("page");
  offerLecture(words);
  /** @type {Map<HostModel, LabAnswerer | StopsAnswerer>} */
  const answerers = new Map();
  const kernel = {
    // All of them: a lab moves with the views that are linked to it.
    changed: () => answerers.forEach((answerer) => void answerer.changed()),
    asked: (/** @type {HostModel} */ model, /** @type {string} */ what) => answerers.get(model)?.pressed(what),
  };
  /** @type {HostModel[]} */
  const models = [];
  for (const [number, part] of parts.entries()) {
    const model = hostModel({ ...part.state, words }, kernel);
    models.push(model);
    const places = document.querySelectorAll(`[data-part="${number}"]`);
    const note = make("p", { class: "page-note", "aria-live": "polite" });
    for (const place of places) {
      const el = make("div");
      place.append(el);
      await views[part.view]({ model, el });
    }
    places[0]?.append(note);
    const write = (/** @type {string} */ text, differs = false) => {
      note.textContent = text;
      note.classList.toggle("page-differs", differs);
    };
    if (part.note) write(part.note);
    /** @type {Lab} */
    const lab = checkedModel(model, ALIVE);
    if (part.stops) answerers.set(model, new StopsAnswerer(lab, part.stops, part.reasons ?? [], write));
    if (part.lines) {
      const answerer = new LabAnswerer(lab, part.lines, write);
      answerers.set(model, answerer);
      onceNear([...places], () => void startWorker(answerer, number));
    }
  }
  followViews(models);
  reachable();
  takeGuesses(words);
  takeAnswers(words);
}

/**
 * Calls once when one of the elements is on the screen, or less than a screen away: a chapter may have many labs, and each measures with a
 * worker and memory of its own.
 * @param {Element[]} elements @param {() => void} call
 */
function onceNear(elements, call) {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      void painted().then(call);
    },
    { rootMargin: "100%" },
  );
  for (const element of elements) observer.observe(element);
}

/** Resolves once the page is on the screen: a worker's data take a moment to unpack. @returns {Promise<void>} */
const painted = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));

/** @param {LabAnswerer} answerer @param {number} part */
async function startWorker(answerer, part) {
  const { lab } = answerer;
  try {
    const [engine, data] = await Promise.all([carried("engine"), carried("data")]);
    const worker = new Worker(URL.createObjectURL(new Blob([engine.source], { type: "text/javascript" })));
    answerer.answeredBy(worker);
    const network = networkOf(lab, data[part]);
    const wasm = new Uint8Array(copied(engine.wasm));
    const given = [wasm.buffer, ...network.x.map(({ values }) => values.buffer)];
    worker.postMessage({ do: "start", network, wasm }, given);
  } catch (error) {
    answerer.fail(String(error));
  }
}
