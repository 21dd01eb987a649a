// The ledger of a live model, with the slider that moves it; what is measured can be measured again.
import { renderer } from "../page/view.js";
import { make } from "../page/elements.js";
import { say } from "../page/text.js";
import { watch } from "../page/watch.js";
import { mountLedger } from "./ledger.js";
import { mountSlider } from "./slider.js";
/** @import { LedgerTraits, View } from "../types.js" */

export const ledger_lab = renderer((/** @type {View<LedgerTraits>} */ view) => {
  const { model } = view;
  /** @param {string} key */
  const button = (key) =>
    make(
      "button",
      {
        type: "button",
        class: "pw-button",
        click: () => {
          model.send({ do: key });
          view.shared.onRequest();
        },
      },
      say(view, key),
    );
  const [again, cancel] = [button("measure_again"), button("cancel")];
  again.hidden = cancel.hidden = model.get("in_page") !== "";
  let silent = false; // if the kernel is gone, `measuring` is out of date
  function enable() {
    const measuring = model.get("measuring") && !silent;
    again.disabled = measuring || view.shared.kernelGone;
    cancel.disabled = !measuring;
  }
  const { lesson } = mountLedger(view, mountSlider, (now) => {
    silent = now;
    enable();
  });
  lesson.after(make("div", { class: "pw-row pw-buttons" }, again, cancel));
  watch(view, ["measuring"], enable);
});
