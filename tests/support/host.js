// A page with nothing but the AFM contract: no Jupyter, no kernel. It keeps what a view sends to its kernel.
/** @import { HostModel, Render } from "../../prunewidgets/widgets/static/types.js" */

/**
 * Renders a view into an element.
 * @param {HTMLElement} el
 * @param {string} esm the view's module
 * @param {string} css
 * @param {Record<string, unknown>} state the value of each trait
 */
export async function show(el, esm, css, state) {
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
  /** @type {Record<string, unknown>} */
  const values = {};
  for (const [name, value] of Object.entries(state)) values[name] = decoded(value);
  /** @type {Map<string, (() => void)[]>} */
  const listeners = new Map();
  /** @type {HostModel & {saved: Record<string, unknown>[], sent: unknown[], listeners: typeof listeners}} */
  const model = {
    // What a test has put there for the host's manager of widgets.
    widget_manager: /** @type {{manager?: HostModel["widget_manager"]}} */ (globalThis).manager,
    saved: [],
    sent: [],
    get: (name) => values[name],
    set(name, value) {
      const same = !(value instanceof DataView) && JSON.stringify(values[name]) === JSON.stringify(value);
      values[name] = value;
      if (!same) for (const listener of [...(listeners.get(`change:${name}`) ?? [])]) listener();
    },
    on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
    off: (event, listener) =>
      listeners.set(
        event,
        (listeners.get(event) ?? []).filter((other) => other !== listener),
      ),
    save_changes() {
      this.saved.push({ threshold: values.threshold, sparsity: values.sparsity });
    },
    send(content) {
      this.sent.push(content);
    },
    listeners,
  };
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  /** @type {{default: {render: Render}}} */
  const { default: widget } = await import(url);
  URL.revokeObjectURL(url);
  const controller = new AbortController();
  await widget.render({ model, el, signal: controller.signal });
  return { model, close: () => controller.abort() };
}

/** What `encoded` of bare.py made of bytes, as a DataView; anything else as it is. @param {unknown} value */
export function decoded(value) {
  if (typeof value !== "object" || value === null || !("base64" in value)) return value;
  const text = atob(String(value.base64));
  const array = Uint8Array.from(text, (c) => c.charCodeAt(0));
  return new DataView(array.buffer);
}
