// A kernel that is gone, where the host says so: the view stays as it is, with a sentence, and asks for nothing any more.
import { make } from "./elements.js";
import { say } from "./text.js";
/** @import { HostModel, View } from "../types.js" */

/**
 * Follows the kernel. ipywidgets triggers an event when the kernel restarts, by itself or by the reader's wish, and none when it
 * is shut down: then JupyterLab, Notebook 7 and Voila end the connection that their manager has. Other hosts say nothing.
 * @param {View} view @param {HostModel} host
 */
export function followKernel(view, host) {
  const { model, shared, signal } = view;
  const line = make("div", { class: "pw-kernel-gone", role: "alert" });
  view.el.prepend(line);
  const gone = () => {
    if (shared.kernelGone) return;
    shared.kernelGone = true;
    // A model whose kernel is gone never gets another; its cell makes a new one.
    model.save_changes = model.send = () => {};
    line.textContent = say(view, "kernel_gone");
    for (const work of shared.onKernelGone) work();
  };
  host.on("comm_live_update", gone);
  const ended = host.widget_manager?.kernel?.disposed;
  ended?.connect(gone);
  signal.addEventListener("abort", () => {
    host.off("comm_live_update", gone);
    ended?.disconnect(gone);
  });
}
