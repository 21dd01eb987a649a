// The steps: each asks for something, and the lab's own numbers answer.
/** @import { Point, Shown } from "./types.js" */

/** @typedef {(key: string, values?: Record<string, unknown>) => string} Text */
/** What is said now, and whether the step is done. @typedef {{said: string, done: boolean}} Reply */
/** @typedef {{share: (share: number) => string, accuracy: (share: number) => string, threshold: (threshold: number) => string}} Formats */

const LIMIT = 0.95;

/** @type {Record<string, (shown: Shown, text: Text, as: Formats) => Reply>} */
const REPLIES = {
  start({ cut, point, current, unpruned }, text, as) {
    const share = as.share(cut.share);
    if (cut.share < 0.75 || !current) return { said: text("start_now", { share }), done: false };
    return { said: text("start_done", { share, accuracy: as.accuracy(point.accuracy), unpruned: as.accuracy(unpruned) }), done: true };
  },
  guess({ guess }, text) {
    return { said: guess === null ? "" : text("guess_done", { guess: whole(guess) }), done: guess !== null };
  },
  edge({ point, above, under, guess }, text, as) {
    if (!under) return { said: text("edge_now", { share: as.share(point.share), accuracy: as.accuracy(point.accuracy) }), done: false };
    const values = { ...named("above", above, as), ...named("below", under, as) };
    return { said: text("edge_done", { ...values, guess: guess === null ? "" : text("edge_guess", { guess: whole(guess) }) }), done: true };
  },
  seven({ cut, read, seven, label, current }, text, as) {
    const misread = current && read[seven] !== label;
    return { said: text(misread ? "seven_done" : "seven_now", { share: as.share(cut.share), read: read[seven] }), done: misread };
  },
  all({ cut, point, current, read }, text, as) {
    if (cut.share < 1 || !current) return { said: text("all_now", { share: as.share(cut.share) }), done: false };
    return { said: text("all_done", { read: read[0], accuracy: as.accuracy(point.accuracy) }), done: true };
  },
};

/** @param {number} share */
const whole = (share) => `${Math.round(100 * share)} %`;

/** @param {string} name @param {Point} point @param {Formats} as */
const named = (name, { share, threshold, accuracy }, as) => ({
  [`${name}_share`]: as.share(share),
  [`${name}_threshold`]: as.threshold(threshold),
  [`${name}_accuracy`]: as.accuracy(accuracy),
});

/** The nearest cuts on both sides of 95 %, as far as they are measured. @param {{above: Point, under: Point | null}} edge @param {Point} point measured on all digits */
export function narrowed({ above, under }, point) {
  if (point.accuracy < LIMIT) return { above, under: !under || point.share < under.share || under.share < above.share ? point : under };
  if (point.share > above.share && (!under || point.share < under.share)) return { above: point, under };
  return { above, under };
}

/**
 * @param {HTMLElement} guide
 * @param {{text: Text, as: Formats, guessed: (share: number) => void, speak: (text: string) => void}} page
 * @returns {(shown: Shown) => void}
 */
export function mountSteps(guide, { text, as, guessed, speak }) {
  const cards = /** @type {HTMLElement[]} */ ([...guide.querySelectorAll("[data-step]")]);
  const segments = [...guide.querySelectorAll(".segments i")];
  const [number, answer] = ["#step", ".answer"].map((name) => /** @type {HTMLElement} */ (guide.querySelector(name)));
  const [back, next] = ["back", "next"].map((id) => /** @type {HTMLButtonElement} */ (guide.querySelector(`#${id}`)));
  const done = new Set();
  let now = 0;
  /** @type {Shown | null} */
  let latest = null;
  let spoken = "";

  /** @param {number} step */
  function turnTo(step) {
    now = step;
    cards.forEach((card, n) => {
      card.classList.toggle("later", n !== now);
      card.inert = n !== now;
    });
    number.textContent = text("step", { number: now + 1, steps: cards.length });
    back.disabled = now === 0;
    next.disabled = now === cards.length - 1;
    if (latest) reply(latest);
  }

  /** @param {Shown} shown */
  function reply(shown) {
    latest = shown;
    const { said, done: isDone } = REPLIES[cards[now].dataset.step ?? ""](shown, text, as);
    if (isDone) done.add(now);
    if (answer.textContent !== said) answer.textContent = said;
    answer.classList.toggle("done", isDone);
    next.classList.toggle("ready", done.has(now));
    segments.forEach((segment, n) => {
      segment.classList.toggle("done", done.has(n));
      segment.classList.toggle("now", n === now);
    });
    if (isDone && said !== spoken) speak(said);
    spoken = isDone ? said : "";
  }

  back.addEventListener("click", () => turnTo(now - 1));
  next.addEventListener("click", () => {
    turnTo(now + 1);
    speak([...cards[now].querySelectorAll("h2, p")].map((part) => part.textContent).join(" "));
  });
  for (const button of guide.querySelectorAll("[data-guess]")) {
    button.addEventListener("click", () => {
      for (const other of guide.querySelectorAll("[data-guess]")) other.setAttribute("aria-pressed", String(other === button));
      guessed(Number(button.getAttribute("data-guess")));
    });
    button.setAttribute("aria-pressed", "false");
  }
  turnTo(0);
  return reply;
}
