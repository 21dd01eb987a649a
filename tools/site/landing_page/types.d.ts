// The types that the files of the site's first page share. For tsc alone: nothing of this is in the page.
import type { Layer, WeightTraits } from "../../../prunewidgets/widgets/static/types.js";
import type { Carried as Bytes, Network } from "../../../prunewidgets/pages/static/types.js";

/** What the page carries; landing.py says what is what. */
export interface Carried {
  words: Record<string, string>;
  state: Record<string, unknown>;
  /** One byte a pixel. */
  digits: Bytes;
  labels: number[];
  /** How many digits the network is measured on. */
  total: number;
  stops: Stop[];
  seven: number;
  played: number;
}

/** Measured in Python. */
export interface Stop {
  share: number;
  threshold: number;
  accuracy: number;
}

/** Where the handle is, and what that removes. */
export interface Cut {
  share: number;
  removed: number;
  threshold: number;
}

/** A cut with what was measured there, on n digits. */
export interface Point extends Cut {
  accuracy: number;
  n: number;
}

/** What the page asks its worker: the newest question counts. */
export type Asked = { do: "start"; network: Network; wasm: Uint8Array<ArrayBuffer>; rows: number } | { do: "measure"; id: number; threshold: number };

/** What the worker answers. */
export type Answer =
  | { kind: "started" }
  | { kind: "failed"; error: string }
  | { kind: "read"; id: number; read: number[] }
  | { kind: "accuracy"; id: number; correct: number; n: number };

/** All that the steps speak about. */
export interface Shown {
  cut: Cut;
  /** What was measured last; of the present cut only if `current`. */
  point: Point;
  current: boolean;
  /** All digits of the test set. */
  total: number;
  unpruned: number;
  /** What the shown digits are read as. */
  read: number[];
  /** Which of them one step follows, and what it is. */
  seven: number;
  label: number;
  /** The nearest cuts on both sides of 95 %, measured on all digits. */
  above: Point;
  under: Point | null;
  guess: number | null;
}

export type { Layer, WeightTraits };
