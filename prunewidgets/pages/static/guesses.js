// Guesses: what was found opens beside the guess that it waits for.
import { make } from "../../widgets/static/page/elements.js";

/** @param {Record<string, string>} words */
export function takeGuesses(words) {
  const fields = [...document.querySelectorAll("input[data-guess]")].filter((field) => field instanceof HTMLInputElement);
  const asked = [...document.querySelectorAll(".page-ask")]; // exercises too: what waits for one is not a guess's to open
  for (const field of fields) {
    field.addEventListener("change", () => {
      const guess = field.value.trim();
      if (!guess) return;
      const own = asked.findIndex((each) => each.contains(field));
      const answers = answersBetween(field, asked[own + 1]);
      const line = words.page_guessed.replace("{guess}", () => guess);
      const told = new Set(); // cells: on a projector, a line for each answer pushes the last row of a table off the screen
      for (const answer of answers) {
        const cell = answer.closest(".cell") ?? answer;
        if (told.has(cell)) answer.open = true;
        else showBeside(answer, line);
        told.add(cell);
      }
      const status = field.closest(".page-ask")?.querySelector("output");
      if (status) status.textContent = answers.length ? words.page_opened.replace("{n}", String(answers.length)) : "";
    });
  }
}

/** The folded answers after a guess and before the next question. @param {Element} field @param {Element | undefined} next @returns {HTMLDetailsElement[]} */
function answersBetween(field, next) {
  const after = (/** @type {Element} */ a, /** @type {Element} */ b) => Boolean(a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING);
  return [...document.querySelectorAll("details")]
    .filter((answer) => !answer.closest("[data-part]")) // those in a view are its own
    .filter((answer) => after(field, answer) && (!next || after(answer, next)));
}

/** @param {HTMLDetailsElement} answer @param {string} text */
function showBeside(answer, text) {
  let line = answer.querySelector(".page-guess");
  if (!line) {
    line = make("p", { class: "page-guess" });
    answer.querySelector("summary")?.after(line);
  }
  line.textContent = text;
  answer.open = true;
}
