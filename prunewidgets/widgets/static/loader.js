// The module that the page loads for each view. A page never unloads a module, so all views of one kind share one;
// and JupyterLab never drops a model, so a closed model releases its large traits here.

const modules = (globalThis.prunewidgetsModules ??= new Map());
const LARGE = ["script", "words", "_css", "weights", "scores", "ordered", "below", "stops", "stops_below", "flip_images"];

/** Imports the module with this source, once per page. @param {string} source */
function loadModule(source) {
  if (!modules.has(source)) {
    const blob = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    modules.set(
      source,
      import(blob).finally(() => URL.revokeObjectURL(blob)),
    );
  }
  return modules.get(source);
}

export default {
  initialize({ model, signal }) {
    signal?.addEventListener("abort", () => {
      for (const name of LARGE) model.set(name, null);
    });
  },
  async render(view) {
    if (view.signal?.aborted) return undefined; // closed before it was shown
    const { default: widget } = await loadModule(view.model.get("script"));
    if (view.signal?.aborted) return undefined;
    const end = await widget.render(view);
    return () => {
      end();
      view.el.replaceChildren();
    };
  },
};
