// What every view shares with the page: words, numbers as text, elements, canvases, links between views.

/**
 * What a view works with.
 * @typedef {object} View
 * @property {any} model the AFM model: get, set, on, save_changes, send
 * @property {HTMLElement} el where this part of the view goes
 * @property {HTMLElement} root the whole view
 * @property {AbortSignal} signal ends with the view
 * @property {{committing: number, asked: (() => void) | null, colours: any, redraws: (() => void)[]}} shared
 */

/** Wraps AFM's render arguments; `mount` fills the element. @param {(view: View) => void} mount */
export function renderer(mount) {
  return ({ model, el, signal }) => {
    const controller = new AbortController();
    signal?.addEventListener("abort", () => controller.abort());
    // The parts of a lab are views made from this one; what may change stands in `shared`, once for all of them.
    const view = { model, el, root: el, signal: controller.signal, shared: { committing: 0, asked: null, colours: null, redraws: [] } };
    // A change still waiting for its pause is told before the view goes.
    view.signal.addEventListener("abort", () => { if (view.shared.committing) commit(view); });
    el.classList.add("pw-view");
    followTheme(view);
    joinLink(view);
    mount(view);
    showError(view);
    return () => controller.abort();
  };
}

/** Calls `then` now and whenever one of the named traits changes. */
export function watch(view, names, then) {
  for (const name of names) {
    view.model.on(`change:${name}`, then);
    view.signal.addEventListener("abort", () => view.model.off(`change:${name}`, then));
  }
  then();
}

/** A visible word or sentence, with {names} filled in. All of them stand in words.py. */
export function say(view, key, values = {}) {
  const text = view.model.get("words")[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** An integer with its thousands separated. */
export const grouped = (view, n) => n.toLocaleString(say(view, "locale"));

/** A share as per cent: two decimals, more where two would claim none or all of them. */
export function percent(view, share, least = 2) {
  let digits = least;
  const wrong = () => {
    const shown = Number((share * 100).toFixed(digits));
    return (shown === 100 && share < 1) || (shown === 0 && share > 0);
  };
  while (digits < 8 && wrong()) digits += 1;
  const shown = (share * 100).toLocaleString(say(view, "locale"), { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${shown} %`;
}

/** A weight or score as short text. */
export const short = (x) => (x === 0 ? "0" : String(Number(x.toPrecision(3))).replace("-", "−"));

/**
 * An element. Text always goes in as text, so that a layer's name can never be markup.
 * @param {string} tag
 * @param {Record<string, any>} attributes attribute values; functions are listeners
 * @param {...(Node | string)} children
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** JupyterLab moves between cells on arrow keys: keys pressed in a view stay in the view, but Ctrl+S still saves. */
export function keepKeys(element) {
  element.addEventListener("keydown", (event) => {
    const shortcut = (event.ctrlKey || event.metaKey) && event.key.length === 1;
    const editing = event.target.matches("input[type=text]") && event.key.toLowerCase() !== "s";
    if (!shortcut || editing) event.stopPropagation();
  });
  return element;
}

/** 1 for an arrow key that means more, -1 for one that means less, else 0. */
export const arrowOf = (event) => ({ ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 })[event.key] ?? 0;

/** Text that a screen reader speaks, at most twice a second. */
export function announcer(view) {
  const element = make("div", { class: "pw-spoken", "aria-live": "polite" });
  let timer = 0;
  view.signal.addEventListener("abort", () => clearTimeout(timer));
  return {
    element,
    speak(text) {
      clearTimeout(timer);
      timer = setTimeout(() => { element.textContent = text; }, 500);
    },
  };
}

/** A checkbox with its text. */
export function checkbox(text, checked, change) {
  const box = make("input", { type: "checkbox", change: () => change(box.checked) });
  box.checked = checked;
  return keepKeys(make("label", { class: "pw-check" }, box, text));
}

/** A select with options [value, text]. */
export function choice(label, options, value, change) {
  const select = make("select", { class: "pw-select", change: () => change(select.value) });
  const fill = (entries, chosen) => {
    select.replaceChildren(...entries.map(([key, text]) => make("option", { value: key }, text)));
    select.value = chosen;
  };
  fill(options, value);
  return { element: keepKeys(make("label", { class: "pw-choice" }, label, select)), select, fill };
}

/**
 * A canvas that is crisp on any screen and draws at most once a frame.
 * @param {View} view
 * @param {number} height in hundredths of the view's font size, so that a larger font gives a larger picture
 * @param {(context: CanvasRenderingContext2D, width: number, height: number, colours: Record<string, string>) => void} draw
 */
export function canvas(view, height, draw) {
  const element = /** @type {HTMLCanvasElement} */ (make("canvas", { class: "pw-canvas" }));
  element.style.height = `${height / 100}em`;
  let frame = 0;
  const paint = () => {
    frame = 0;
    const { clientWidth: width, clientHeight: tall } = element;
    if (!width || !tall) return;
    const dense = window.devicePixelRatio || 1;
    const [w, h] = [Math.round(width * dense), Math.round(tall * dense)];
    if (element.width !== w || element.height !== h) [element.width, element.height] = [w, h];
    const context = element.getContext("2d");
    context.setTransform(dense, 0, 0, dense, 0, 0);
    context.clearRect(0, 0, width, tall);
    draw(context, width, tall, colours(view));
  };
  const redraw = () => { frame ||= requestAnimationFrame(paint); };
  const resizing = new ResizeObserver(redraw);
  resizing.observe(element);
  view.shared.redraws.push(redraw);
  view.signal.addEventListener("abort", () => {
    resizing.disconnect();
    cancelAnimationFrame(frame);
  });
  return { element, redraw, setHeight: (pixels) => { element.style.height = `${pixels}px`; } };
}

/** Colours for a canvas, read once per theme from the style sheet's custom properties. */
export function colours(view) {
  if (!view.shared.colours) {
    const style = getComputedStyle(view.root);
    const names = ["ink", "soft", "line", "ground", "panel", "kept", "pruned", "mark"];
    const read = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--pw-${name}`).trim()]));
    read.lines = [1, 2, 3, 4, 5, 6].map((i) => style.getPropertyValue(`--pw-line-${i}`).trim());
    read.font = style.fontFamily;
    read.size = parseFloat(style.fontSize);
    view.shared.colours = read;
  }
  return view.shared.colours;
}

/** JupyterLab's dark themes say so on the body; elsewhere, and in high contrast, the system's preference counts. */
function followTheme(view) {
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

/** Views with the same `group` follow each other within the page, without the kernel. */
function joinLink(view) {
  const { model, signal } = view;
  view.source = crypto.randomUUID?.() ?? String(Math.random());
  document.addEventListener("prunewidgets:threshold", (event) => {
    const { group, source, threshold, sparsity } = event.detail;
    if (!group || group !== model.get("group") || source === view.source) return;
    model.set("threshold", threshold);
    model.set("sparsity", view.sparsityAt ? view.sparsityAt(threshold) : sparsity);
  }, { signal });
}

/** Moves the threshold in this view and in those linked to it; the kernel is not told yet. */
export function moveTo(view, threshold, sparsity) {
  view.model.set("threshold", threshold);
  view.model.set("sparsity", sparsity);
  const group = view.model.get("group");
  if (!group) return;
  const detail = { group, source: view.source, threshold, sparsity };
  document.dispatchEvent(new CustomEvent("prunewidgets:threshold", { detail }));
}

/** Tells the kernel, at once or after a short pause in a run of changes. */
export function commit(view, pause = 0) {
  clearTimeout(view.shared.committing);
  view.shared.committing = 0;
  if (!pause) {
    view.model.save_changes();
    view.shared.asked?.();
  } else view.shared.committing = setTimeout(() => commit(view), pause);
}

/** The error line at the foot of each view. */
function showError(view) {
  const line = make("div", { class: "pw-error", role: "alert" });
  view.el.append(line);
  watch(view, ["error"], () => { line.textContent = view.model.get("error") ?? ""; });
}
