// The module that the page loads for each view. A page never unloads a module, so all views of one kind share one;
// and JupyterLab never drops a model, so a closed model releases its large traits here.
/** @import { HostModel, Render, RenderArguments } from "./types.js" */

/** What `module` of assets.py makes. @typedef {{default: {render: Render}}} ViewModule */

const page = /** @type {typeof globalThis & {prunewidgetsModules?: Map<string, Promise<ViewModule>>}} */ (globalThis);
page.prunewidgetsModules ??= new Map();
const modules = page.prunewidgetsModules;
const LARGE = ["script", "words", "_css", "weights", "scores", "ordered", "below", "stops", "stops_below", "flip_images", "drawn"];

/** Imports the module with this source, once per page. @param {string} source */
function loadModule(source) {
  let loading = modules.get(source);
  if (!loading) {
    const blob = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    loading = import(blob).finally(() => URL.revokeObjectURL(blob));
    modules.set(source, loading);
  }
  return loading;
}

export default {
  /** @param {{model: HostModel, signal?: AbortSignal}} host */
  initialize({ model, signal }) {
    signal?.addEventListener("abort", () => {
      for (const name of LARGE) model.set(name, null);
    });
  },
  /** @param {RenderArguments} host */
  async render(host) {
    if (host.signal?.aborted) return undefined; // closed before it was shown
    const { default: view } = await loadModule(String(host.model.get("script")));
    if (host.signal?.aborted) return undefined;
    const end = await view.render(host);
    return () => {
      end();
      host.el.replaceChildren();
    };
  },
};
