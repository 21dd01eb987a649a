// A pruning schedule: sparsity over the steps of a training. Choose its kind, drag its marks, read off any step.
import { renderer } from "../page/view.js";
import { announcer, make, write } from "../page/elements.js";
import { grouped, say } from "../page/text.js";
import { watch } from "../page/watch.js";
import { commit } from "../page/moving.js";
import { USED, explanationOf } from "../numbers/schedules.js";
import { entry } from "../page/entry.js";
import { mountSchedulePlot } from "./schedule_plot.js";
/** @import { ScheduleTraits, Settings, View } from "../types.js" */

/** @type {Settings["kind"][]} */
const KINDS = ["constant", "one_shot", "iterative", "polynomial"]; // also the keys of their names
/** @type {(keyof Settings)[]} */
const SETTING_NAMES = ["kind", "final", "begin", "end", "power", "share", "total"];

export const schedule = renderer((/** @type {View<ScheduleTraits>} */ view) => {
  const { model, el } = view;
  let consistent = received(view); // the last settings that fit together
  const settings = () => {
    const now = received(view);
    const { begin, end, total, power, share, final, kind } = now;
    const fits = begin <= end && end <= total && total > 0 && power > 0 && share > 0 && share < 1 && !(kind === "iterative" && final === 1);
    if (fits) consistent = now;
    return consistent;
  };
  const explained = make("p", { class: "pw-explained pw-kind-explained" });
  const note = make("div", { class: "pw-note" });
  const spoken = announcer(view);

  /** Applies a change by the user; `pause` is how many milliseconds to wait before the kernel is informed. @param {Partial<Settings>} values @param {number} pause */
  function change(values, pause = 0) {
    for (const name of SETTING_NAMES) {
      const value = values[name];
      if (value !== undefined) model.set(name, value);
    }
    commit(view, pause);
  }

  /** Moves a mark as far as the other one allows; the single mark of one-shot moves the unused end with it. @param {"begin" | "end"} name @param {number} step @param {number} pause */
  function move(name, step, pause) {
    const [low, high] = room(name);
    const to = Math.min(Math.max(step, low), high);
    change(name === "begin" && to > model.get("end") ? { begin: to, end: to } : { [name]: to }, pause);
  }
  /** How far a mark can go. @param {"begin" | "end"} name @returns {[number, number]} */
  function room(name) {
    if (name === "end") return [model.get("begin"), model.get("total")];
    return [0, model.get("kind") === "one_shot" ? model.get("total") : model.get("end")];
  }

  /** As many digits as it has: 97.5 % of the weights are not 98 %. @param {number} part */
  const share = (part) => `${grouped(view, Number((100 * part).toPrecision(6)))} %`;

  /** @param {string} text */
  function refuse(text) {
    write(note, text);
    if (text) spoken.speak(text);
  }

  const buttons = KINDS.map((kind) => make("button", { type: "button", class: "pw-button", "data-kind": kind, click: () => choose(kind) }, say(view, kind)));
  /** @param {Settings["kind"]} kind */
  function choose(kind) {
    if (kind === "iterative" && model.get("final") === 1) return refuse(say(view, "never_all"));
    return change({ kind });
  }

  /** @param {number} value */
  const step = (value) => (Number.isInteger(value) ? 0 : Infinity); // no fractions of a step: they lie outside the limits
  /** @param {number} value */
  const plain = (value) => String(value);
  const entries = {
    final: entry(view, {
      refuse,
      name: "final",
      key: "final",
      bad: "bad_final",
      unit: "%",
      times: 100,
      slider: [0, 100, 1],
      text: plain,
      allowed: () => [0, model.get("kind") === "iterative" ? 0.9999 : 1],
      change: (final, pause) => change({ final }, pause),
    }),
    begin: entry(view, {
      refuse,
      name: "begin",
      key: "begin",
      bad: "bad_begin",
      text: plain,
      allowed: (value) => [Math.max(step(value), room("begin")[0]), room("begin")[1]],
      change: (value, pause) => move("begin", value, pause),
    }),
    end: entry(view, {
      refuse,
      name: "end",
      key: "end",
      bad: "bad_end",
      text: plain,
      allowed: (value) => [Math.max(step(value), room("end")[0]), room("end")[1]],
      change: (value, pause) => move("end", value, pause),
    }),
    share: entry(view, {
      refuse,
      name: "share",
      key: "share",
      bad: "bad_share",
      unit: "%",
      times: 100,
      slider: [1, 90, 1],
      text: plain,
      allowed: () => [0.001, 0.999],
      change: (share, pause) => change({ share }, pause),
    }),
    power: entry(view, {
      refuse,
      name: "power",
      key: "power",
      bad: "bad_power",
      slider: [0.5, 8, 0.5],
      text: plain,
      allowed: () => [0.01, 100],
      change: (power, pause) => change({ power }, pause),
    }),
  };

  el.append(
    make(
      "div",
      { class: "pw-row", role: "group", "aria-label": say(view, "schedule") },
      make("span", { class: "pw-title" }, say(view, "schedule")),
      ...buttons,
    ),
    explained,
    make("div", { class: "pw-row pw-settings" }, ...Object.values(entries).map(({ element }) => element)),
    note,
  );
  const plot = mountSchedulePlot(view, { settings, move, room, spoken });
  el.append(spoken.element);

  watch(view, SETTING_NAMES, () => {
    const now = settings();
    refuse("");
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.kind === now.kind));
    for (const name of /** @type {(keyof typeof entries)[]} */ (Object.keys(entries))) {
      const { element, show } = entries[name];
      element.hidden = name !== "final" && !USED[now.kind].includes(name);
      show(now[name]);
    }
    const { key, rounds = 1, jumps = 1 } = explanationOf(now);
    write(
      explained,
      say(view, key, {
        rounds: grouped(view, rounds),
        jumps: grouped(view, jumps),
        share: share(now.share),
        final: share(now.final),
        begin: grouped(view, now.begin),
        end: grouped(view, now.end),
      }),
    );
    plot.show();
  });
});

/** The settings as they came. @param {View<ScheduleTraits>} view @returns {Settings} */
function received({ model }) {
  return {
    kind: model.get("kind"),
    final: model.get("final"),
    begin: model.get("begin"),
    end: model.get("end"),
    power: model.get("power"),
    share: model.get("share"),
    total: model.get("total"),
  };
}
