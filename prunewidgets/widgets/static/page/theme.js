// Light or dark, and the colours of that theme for the canvases.
/** @import { View } from "./view.js" */

/** Follows the theme: JupyterLab marks it on the body; elsewhere, and in high contrast, the system's preference counts. @param {View} view */
export function followTheme(view) {
  const [system, forced] = ["(prefers-color-scheme: dark)", "(forced-colors: active)"].map((query) => matchMedia(query));
  const apply = () => {
    const jupyter = forced.matches ? undefined : document.body.dataset.jpThemeLight;
    view.el.classList.toggle("pw-dark", jupyter ? jupyter === "false" : system.matches);
    view.shared.colours = null;
    view.shared.redraws.forEach((redraw) => redraw());
  };
  // The attribute changes before the theme's style sheet has arrived: look again a little later.
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

/** Colours for a canvas, read once per theme from the style sheet's custom properties. @param {View} view */
export function colours(view) {
  if (!view.shared.colours) {
    const style = getComputedStyle(view.root);
    const names = ["ink", "soft", "line", "ground", "panel", "kept", "pruned", "mark"];
    /** @type {Record<string, any>} */
    const read = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--pw-${name}`).trim()]));
    read.lines = [1, 2, 3, 4, 5, 6].map((i) => style.getPropertyValue(`--pw-line-${i}`).trim());
    read.font = style.fontFamily;
    read.size = parseFloat(style.fontSize);
    view.shared.colours = read;
  }
  return view.shared.colours;
}
