// Answers to exercises: the page says what Python said of them when it was written (see notebooks/checks/probes.py).

/** @typedef {{texts: string[], runs: [from: number, to: number, text: number][], words: Record<string, number>}} Verdicts */

/** @param {Record<string, string>} words */
export function takeAnswers(words) {
  for (const place of document.querySelectorAll("[data-verdicts]")) {
    const cell = place.closest(".cell");
    const field = cell?.querySelector("input[data-answer]");
    const status = cell?.querySelector(".page-ask output");
    if (!(field instanceof HTMLInputElement) || !status) continue;
    /** @type {Verdicts} */
    const verdicts = JSON.parse(place.getAttribute("data-verdicts") ?? "");
    if (!verdicts.runs.length) field.placeholder = words.page_several;
    field.addEventListener("change", () => {
      const given = field.value.trim();
      const said = verdicts.texts[verdictOn(given, verdicts)] ?? words.page_not_known;
      status.textContent = given ? said.replace("{given}", () => given) : "";
    });
  }
}

/** The place of the text about an answer; -1 if nothing is known of it. @param {string} given @param {Verdicts} verdicts */
function verdictOn(given, { runs, words }) {
  const parts = given
    .replaceAll(/^[([]|[)\]]$/g, "")
    .split(",")
    .map(numberOf);
  const [value] = parts;
  const word = parts.some(Number.isNaN) ? given.toLowerCase().replaceAll(/^["']|["']$/g, "") : parts.join(", ");
  if (parts.length > 1 || Number.isNaN(value)) return Object.hasOwn(words, word) ? words[word] : -1;
  return runs.find(([from, to]) => from <= value && value <= to)?.[2] ?? -1;
}

/** A number as the checks read it, also with a sign of per cent; NaN for anything else. @param {string} text */
const numberOf = (text) => Number(text.replace(/%\s*$/, "").trim() || NaN);
