// The host of a page without a kernel: it gives a view its traits, and passes on what the view would send to the kernel.
/** @import { HostModel } from "../../widgets/static/types.js" */

/** What stands in for the kernel. @typedef {{changed: () => void, asked: (what: string) => void}} Answerer */

/**
 * A model with these traits, as the AFM contract has it.
 * @param {Record<string, unknown>} traits
 * @param {{changed: () => void, asked: (model: HostModel, what: string) => void}} page hears of changes, and of pressed buttons
 * @returns {HostModel}
 */
export function hostModel(traits, page) {
  const values = { ...traits };
  /** @type {Map<string, (() => void)[]>} */
  const listeners = new Map();
  /** @param {string} event */
  const listening = (event) => listeners.get(event) ?? [];
  /** @type {HostModel} */
  const model = {
    get: (name) => values[name],
    set(name, value) {
      const binary = ArrayBuffer.isView(value);
      const same = values[name] === value || (!binary && JSON.stringify(values[name]) === JSON.stringify(value));
      values[name] = value;
      if (!same) for (const listener of [...listening(`change:${name}`)]) listener();
    },
    on: (event, listener) => void listeners.set(event, [...listening(event), listener]),
    off: (event, listener) =>
      void listeners.set(
        event,
        listening(event).filter((other) => other !== listener),
      ),
    save_changes: () => page.changed(),
    send: (message) => page.asked(model, /** @type {{do: string}} */ (message).do),
  };
  return model;
}
