// Checks the state that a view reads. An invalid value, from a damaged notebook or another program, is replaced by
// the last valid one: the picture stays as it was.
/** @import { HostModel, Model, TraitName } from "../types.js" */

/** @typedef {(value: unknown) => boolean} Check whether a value is valid */

/** A trait: its check, and the value to use until a valid one has come. @typedef {[check: Check, empty: unknown]} Shape */

/** @type {Check} */
const finite = (value) => typeof value === "number" && Number.isFinite(value);
/** @type {Check} */
const count = (value) => typeof value === "number" && Number.isInteger(value) && value >= 0;
/** @type {Check} */
const text = (value) => typeof value === "string";
/** @type {Check} */
const flag = (value) => typeof value === "boolean";
/** @type {Check} */
const share = (value) => typeof value === "number" && value >= 0 && value <= 1;
/** @type {Check} */
const bytes = (value) => ArrayBuffer.isView(value);
/** A buffer of 4-byte numbers. @type {Check} */
const numbers = (value) => ArrayBuffer.isView(value) && value.byteLength % 4 === 0;
/** @param {unknown} value @returns {value is Record<string, unknown>} */
const object = (value) => typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);

/** @param {Check} fits @returns {Check} */
const absent = (fits) => (value) => value == null || fits(value);
/** @param {Check} fits @returns {Check} */
const list = (fits) => (value) => Array.isArray(value) && value.every(fits);
/** An object whose values all fit. @param {Check} fits @returns {Check} */
const record = (fits) => (value) => object(value) && Object.values(value).every(fits);
/** An object that has at least these parts, each of which fits. @param {Record<string, Check>} parts @returns {Check} */
const having = (parts) => (value) => object(value) && Object.entries(parts).every(([name, fits]) => fits(value[name]));
/** An object that fits, or an empty one for nothing yet. @param {Check} fits @returns {Check} */
const orNothing = (fits) => (value) => object(value) && (!Object.keys(value).length || fits(value));
/** @param {...unknown} values @returns {Check} */
const oneOf =
  (...values) =>
  (value) =>
    values.includes(value);

/** @returns {Record<TraitName, Shape>} */
function traitShapes() {
  const point = having({ sparsity: finite, accuracy: finite, low: absent(finite), high: absent(finite), threshold: absent(finite) });
  const layer = having({
    name: text,
    shape: list(count),
    full_shape: list(count),
    steps: list(count),
    size: count,
    offset: count,
    count,
    channels: absent(list(count)),
    picture: absent(list(count)),
  });
  const belongs = { counts: absent(list(count)), thresholds: absent(list(finite)) };
  const accuracy = having({ accuracy: finite, n: count, low: absent(finite), high: absent(finite), ...belongs });
  const cost = having({ value: finite, base: finite, low: absent(finite), high: absent(finite), base_low: absent(finite), base_high: absent(finite) });
  const costs = having({
    parameters: finite,
    nonzeros: finite,
    dense_bytes: finite,
    bitmask_bytes: finite,
    index_coded_bytes: finite,
    multiply_adds: absent(finite),
    nonzero_multiply_adds: absent(finite),
  });
  const digit = (/** @type {unknown} */ value) => count(value) && Number(value) < 10;
  const tenShares = (/** @type {unknown} */ value) => list(share)(value) && Array.isArray(value) && value.length === 10;
  const flip = having({ index: count, label: finite, read: finite, before: absent(share), after: absent(share) });

  return {
    threshold: [finite, 0],
    sparsity: [share, 0],
    thresholds: [record(finite), {}],
    scope: [oneOf("global", "layer"), "global"],
    layer: [text, ""],
    criterion: [text, "magnitude"],
    criteria: [list(text), []],
    group: [text, ""],
    readout: [flag, true],
    step: [oneOf(0, 1, 2, 3), 0],
    dtype: [oneOf("float32", "float64"), "float32"],
    layers: [list(layer), []],
    generation: [finite, 0],
    total: [count, 0],
    weights: [absent(numbers), null],
    scores: [absent(numbers), null],
    ordered: [absent(numbers), null],
    below: [absent(numbers), null],
    stops: [absent(numbers), null],
    stops_below: [absent(numbers), null],
    stop_lists: [list(having({ name: text, length: count, total: count })), []],
    groups: [record((value) => list(count)(value) && Array.isArray(value) && value.length === 2 && !value.includes(0)), {}],
    title: [text, ""],
    data: [text, ""],
    error: [absent(text), ""],
    words: [record(text), {}],
    in_page: [oneOf("", "measures", "fixed"), ""],
    kernels_only: [flag, true],
    measured: [orNothing((value) => accuracy(value) || record(cost)(value)), {}],
    measuring: [flag, false],
    cancelled: [flag, false],
    unpruned: [absent(finite), null],
    examples: [count, 0],
    working: [text, ""],
    progress: [finite, 0],
    applied: [count, 0],
    restorable: [flag, false],
    settings_open: [flag, false],
    can_flip: [flag, true],
    flips: [orNothing(having({ total: count, n: count, won: absent(count), p_value: absent(finite), shown: list(flip), ...belongs })), {}],
    flip_images: [absent(bytes), null],
    image: [absent(numbers), null],
    image_size: [(value) => list(count)(value) && Array.isArray(value) && value.length === 2, [0, 0]],
    filter: [count, 0],
    row: [count, 0],
    column: [count, 0],
    image_shape: [(value) => list(count)(value) && Array.isArray(value) && value.length === 3, [0, 0, 0]],
    takes_drawings: [flag, false],
    drawn: [absent(bytes), null],
    reading: [orNothing(having({ drawn: text, read: digit, now: tenShares, was: digit, unpruned: tenShares, ...belongs })), {}],
    misread: [orNothing(having({ sparsity: absent(share), read: absent(digit), was: digit, scope: text })), {}],
    measure: [orNothing(having({ name: text, direction: absent(oneOf("max", "min")), share: flag })), {}],
    series: [list(having({ name: text, method: absent(text), points: list(point) })), []],
    sparsities: [list(share), []],
    span: [(value) => list(finite)(value) && Array.isArray(value) && value.length === 2 && value[0] < value[1], [0, 1]],
    guess: [list((value) => list(finite)(value) && Array.isArray(value) && value.length === 2), []],
    stage: [oneOf("drawing", "locked", "shown"), "drawing"],
    question: [text, ""],
    answers: [list(text), []],
    ranged: [flag, false],
    before: [list(count), []],
    after: [list(count), []],
    found: [orNothing(having({ answer: count, text })), {}],
    revealed: [flag, false],
    positions: [absent(record(finite)), null],
    dense: [record(finite), {}],
    counted: [orNothing(having({ costs })), {}],
    offered: [list(text), []],
    conditions: [orNothing(having({ runs: finite, processors: finite })), {}],
    wins: [
      orNothing(having({ inputs: finite, units: finite, from: (value) => record(absent(finite))(value) && object(value) && Object.keys(value).length === 2 })),
      {},
    ],
    kind: [oneOf("constant", "one_shot", "iterative", "polynomial"), "constant"],
    final: [share, 0],
    begin: [count, 0],
    end: [count, 0],
    power: [finite, 3],
    share: [share, 0.2],
    plan_points: [
      list(having({ cost: (value) => finite(value) && Number(value) > 0, accuracy: finite, low: absent(finite), high: absent(finite), kept: list(count) })),
      [],
    ],
    plan_layers: [list(having({ name: text, size: (value) => count(value) && value !== 0 })), []],
    plan_unit: [oneOf("weights", "bytes", "multiply_adds"), "weights"],
    plan_structured: [flag, false],
    budget: [finite, 0],
  };
}

/** @type {Record<string, Shape>} */
const TRAITS = traitShapes();

/**
 * Wraps a model so that `get` returns only valid values.
 * @template Traits
 * @param {HostModel} model
 * @param {AbortSignal} signal ends with the view
 * @returns {Model<Traits>}
 */
export function checkedModel(model, signal) {
  /** Trait -> the last value received, and the value used for it. @type {Map<string, {received: unknown, used: unknown}>} */
  const latest = new Map();
  signal.addEventListener("abort", () => latest.clear()); // releases the large ones
  /** @param {string} name */
  const checked = (name) => {
    const received = model.get(name);
    if (!Object.hasOwn(TRAITS, name)) return received;
    const before = latest.get(name);
    if (before && Object.is(before.received, received)) return before.used;
    const [fits, empty] = TRAITS[name];
    const used = fits(received) ? received : before ? before.used : empty;
    latest.set(name, { received, used });
    return used;
  };
  return {
    get: (name) => /** @type {Traits[typeof name]} */ (checked(String(name))), // as TRAITS found it to be
    set: (name, value) => model.set(String(name), value),
    on: (event, listener) => model.on(event, listener),
    off: (event, listener) => model.off(event, listener),
    save_changes: () => model.save_changes(),
    send: (message) => model.send(message),
  };
}
