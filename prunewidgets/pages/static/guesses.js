// Guesses: what was found opens beside the guess that it waits for.
import { make } from "../../widgets/static/page/elements.js";

/** @param {Record<string, string>} words */
export function takeGuesses(words) {
  const fields = [...document.querySelectorAll("input[data-guess]")].filter((field) => field instanceof HTMLInputElement);
  for (const [number, field] of fields.entries()) {
    field.addEventListener("change", () => {
      const guess = field.value.trim();
      if (!guess) return;
      const answers = answersBetween(field, fields[number + 1]);
      const line = words.page_guessed.replace("{guess}", () => guess);
      for (const answer of answers) showBeside(answer, line);
      const status = field.closest(".page-ask")?.querySelector("output");
      if (status) status.textContent = answers.length ? words.page_opened.replace("{n}", String(answers.length)) : "";
    });
  }
}

/** The folded answers after a guess and before the next. @param {Element} field @param {Element | undefined} next @returns {HTMLDetailsElement[]} */
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
