// The ledger of a live model, with the slider that moves it.
import { renderer } from "./page.js";
import { mountLedger } from "./ledger.js";
import { mountSlider } from "./slider.js";

export const ledger_lab = renderer((view) => mountLedger(view, mountSlider));
