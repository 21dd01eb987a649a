// Light or dark, and the colours of that theme for the canvases.
import { make } from "./elements.js";
/** @import { Colours, View } from "../types.js" */

/** Attributes and classes with which hosts mark their theme on the page: VS Code; Sphinx; Shiny, Quarto; Colab; marimo and others. */
const MARKS = ["data-jp-theme-light", "data-jp-theme-name", "data-vscode-theme-kind", "data-theme", "data-bs-theme", "theme", "class"];

/** Whether the host says that its page is dark, or paints it so; undefined where neither is. @returns {boolean | undefined} */
function hostIsDark() {
  for (const element of [document.body, document.documentElement]) {
    const jupyter = element.dataset.jpThemeLight; // JupyterLab, Notebook 7, Voila
    if (jupyter) return jupyter === "false";
    if (element.dataset.notebookPath !== undefined) return false; // nbclassic has no dark theme
    const { vscodeThemeKind, theme, bsTheme } = element.dataset;
    const named = vscodeThemeKind ?? theme ?? bsTheme ?? element.getAttribute("theme") ?? "";
    for (const name of [named, ...element.classList]) {
      if (["dark", "vscode-dark", "vscode-high-contrast"].includes(name)) return true;
      if (["light", "vscode-light", "vscode-high-contrast-light"].includes(name)) return false;
    }
  }
  const ground = getComputedStyle(document.body).backgroundColor; // Shiny's is light where the app has no switch
  return ground.startsWith("rgb(") ? isDark(ground) : undefined;
}

/** Follows the host's theme; where it says nothing, the system's; in high contrast, the ground that the reader has chosen. @param {View} view */
export function followTheme(view) {
  const [system, forced] = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
  const apply = () => {
    view.el.classList.toggle("pw-dark", forced.matches ? isDark(asShown(view.el, "Canvas")) : (hostIsDark() ?? system.matches));
    view.shared.colours = null;
    for (const redraw of view.shared.redraws) redraw();
  };
  // The mark changes before the theme's style sheet has arrived: look again a little later.
  /** @type {number[]} */
  let later = [];
  const changed = () => {
    later.forEach(clearTimeout);
    later = [0, 200, 600, 1500].map((pause) => setTimeout(apply, pause));
  };
  const observer = new MutationObserver(changed);
  for (const element of [document.body, document.documentElement]) observer.observe(element, { attributes: true, attributeFilter: MARKS });
  // The host may enlarge its text: canvases draw theirs anew.
  const em = view.el.appendChild(make("div", { class: "pw-em", "aria-hidden": "true" }));
  const larger = new ResizeObserver(() => {
    if (em.offsetWidth && parseFloat(getComputedStyle(em).fontSize) !== view.shared.colours?.size) apply();
  });
  larger.observe(em);
  for (const query of [system, forced]) query.addEventListener("change", apply, { signal: view.signal });
  view.signal.addEventListener("abort", () => {
    observer.disconnect();
    larger.disconnect();
    later.forEach(clearTimeout);
  });
  apply();
}

/** Colours for a canvas, read once per theme from the style sheet's custom properties. @param {View} view @returns {Colours} */
export function colours(view) {
  view.shared.colours ??= readColours(view.root);
  return view.shared.colours;
}

/**
 * A CSS colour as it looks in an element, in numbers: the names of high contrast mean something else in a canvas.
 * @param {HTMLElement} root @param {string} colour
 */
function asShown(root, colour) {
  const probe = root.appendChild(document.createElement("span"));
  probe.style.forcedColorAdjust = "none";
  probe.style.color = colour;
  const shown = getComputedStyle(probe).color;
  probe.remove();
  return shown;
}

/** @param {string} colour as a computed style has it, "rgb(…)" */
function isDark(colour) {
  const [red = 255, green = 255, blue = 255] = colour.match(/\d+/g)?.map(Number) ?? [];
  return 0.3 * red + 0.6 * green + 0.1 * blue < 128;
}

/** @param {HTMLElement} root @returns {Colours} */
function readColours(root) {
  const style = getComputedStyle(root);
  /** @param {string} name */
  const read = (name) => asShown(root, `var(--pw-${name})`);
  return {
    ink: read("ink"),
    soft: read("soft"),
    line: read("line"),
    ground: read("ground"),
    panel: read("panel"),
    kept: read("kept"),
    pruned: read("pruned"),
    mark: read("mark"),
    lines: [1, 2, 3, 4, 5, 6].map((i) => read(`line-${i}`)),
    font: style.fontFamily,
    size: parseFloat(style.fontSize),
  };
}
