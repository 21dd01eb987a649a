// The views' font, Inter cut down to what they need (see fonts/README.md). The module brings it along: nothing is fetched.

/** In a joined module, assets.py puts the files here in place of their names, in base64. */
const FILES = { 400: "fonts/regular.woff2", 600: "fonts/semibold.woff2" };

const page = /** @type {typeof globalThis & {prunewidgetsFont?: Promise<unknown>}} */ (globalThis);

/** Adds the font to the page, once. A view waits for it, so that nothing in it moves later; without it, it takes the host's. */
export function loadFont() {
  page.prunewidgetsFont ??= Promise.all(Object.entries(FILES).map(([weight, file]) => addFace(weight, file))).catch(() => {});
  return page.prunewidgetsFont;
}

/** @param {string} weight @param {string} file */
async function addFace(weight, file) {
  const data = Uint8Array.from(atob(file), (letter) => letter.charCodeAt(0));
  document.fonts.add(await new FontFace("Prunewidgets", data, { weight }).load());
}
