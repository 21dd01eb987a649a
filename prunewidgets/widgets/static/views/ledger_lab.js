// The ledger of a live model, with the slider that moves it; what is measured can be measured again.
import { make, renderer, say, watch } from "../page/page.js";
import { mountLedger } from "./ledger.js";
import { mountSlider } from "./slider.js";

export const ledger_lab = renderer((view) => {
  const { model } = view;
  const button = (key) =>
    make(
      "button",
      {
        type: "button",
        class: "pw-button",
        click: () => {
          model.send({ do: key });
          view.shared.asked();
        },
      },
      say(view, key),
    );
  const [again, cancel] = [button("measure_again"), button("cancel")];
  let silent = false; // if the kernel is gone, nothing tells whether it is measuring
  function enable() {
    const measuring = model.get("measuring") && !silent;
    again.disabled = measuring;
    cancel.disabled = !measuring;
  }
  const { conditions } = mountLedger(view, mountSlider, (now) => {
    silent = now;
    enable();
  });
  conditions.after(make("div", { class: "pw-row pw-buttons" }, again, cancel));
  watch(view, ["measuring"], enable);
});
