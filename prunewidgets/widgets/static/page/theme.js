// Light or dark, and the colours of that theme for the canvases.
/** @import { Colours, View } from "../types.js" */

/** Follows the theme: JupyterLab marks it on the body; elsewhere, and in high contrast, the system's preference counts. @param {View} view */
export function followTheme(view) {
  const [system, forced] = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
  const apply = () => {
    const jupyter = forced.matches ? undefined : document.body.dataset.jpThemeLight;
    view.el.classList.toggle("pw-dark", jupyter ? jupyter === "false" : system.matches);
    view.shared.colours = null;
    for (const redraw of view.shared.redraws) redraw();
  };
  // The attribute changes before the theme's style sheet has arrived: look again a little later.
  /** @type {number[]} */
  let later = [];
  const changed = () => {
    later.forEach(clearTimeout);
    later = [0, 200, 600, 1500].map((pause) => setTimeout(apply, pause));
  };
  const observer = new MutationObserver(changed);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  for (const query of [system, forced]) query.addEventListener("change", apply, { signal: view.signal });
  view.signal.addEventListener("abort", () => {
    observer.disconnect();
    later.forEach(clearTimeout);
  });
  apply();
}

/** Colours for a canvas, read once per theme from the style sheet's custom properties. @param {View} view @returns {Colours} */
export function colours(view) {
  view.shared.colours ??= readColours(view.root);
  return view.shared.colours;
}

/** @param {HTMLElement} root @returns {Colours} */
function readColours(root) {
  const style = getComputedStyle(root);
  /** @param {string} name */
  const read = (name) => style.getPropertyValue(`--pw-${name}`).trim();
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
