// The types that the files of a saved page share. For tsc alone: nothing of this is in a page.
import type { Point } from "../../widgets/static/types.js";

declare global {
  /** TensorFlow.js, in the worker; see vendor/README.md. */
  const tf: Library;
}

/** What is used of TensorFlow.js: operations on tensors, by name, and how it is started. */
type Library = { [operation: string]: (...given: unknown[]) => Tensor } & {
  env(): { set(name: string, value: boolean): void };
  setBackend(name: string): Promise<boolean>;
  ready(): Promise<void>;
  tidy(work: () => Tensor): Tensor;
};

export interface Tensor {
  shape: number[];
  rank: number;
  dataSync(): Float32Array;
  dispose(): void;
}

/** Bytes as payload.js reads them. */
export type Carried = DataView<ArrayBuffer>;

/** One operation, as models/formats/page_steps.py makes it, with the settings of all of them: each has its own. */
export interface Step {
  op: string;
  inputs: number[];
  output: number;
  weights: Record<string, string>;
  axes: number;
  axis: number;
  dilation: number[];
  epsilon: number;
  keep: boolean;
  kind: "max" | "average";
  most: number | null;
  name: string;
  offset: number;
  padding: "valid" | "same" | "causal";
  scale: number;
  shape: number[];
  sides: number[][];
  size: number[];
  slope: number;
  strides: number[];
}

/** A model, as models/formats/page_graph.py makes it. */
export interface Graph {
  steps: Step[];
  inputs: { tensor: number; shape: number[] }[];
  output: number;
}

/** Examples: bytes to be divided by `scale`, or float32 numbers where that is 0. */
export interface Inputs {
  shape: number[];
  scale: number;
  values: Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
}

/** A prunable array, and where it starts in the scores. */
export interface Prunable {
  name: string;
  offset: number;
  count: number;
}

/** All that a worker measures with; lab_data.py says what is what. */
export interface Network {
  graph: Graph;
  arrays: Record<string, { shape: number[]; values: Float32Array<ArrayBuffer> }>;
  layers: Prunable[];
  /** Empty where the scores are the magnitudes of the weights. */
  scores: Float32Array<ArrayBuffer>;
  x: Inputs[];
  labels: Int32Array<ArrayBuffer>;
  order: Int32Array<ArrayBuffer>;
  whole: Int32Array<ArrayBuffer>;
  unpruned: Int32Array<ArrayBuffer>;
  quick: number;
  cut: number;
  low: number;
  high: number;
  whole_numbers: boolean;
  applied: boolean;
}

/** What a page asks its worker for. `id` counts up; the newest of its kind counts. */
export type Asked =
  | { do: "start"; network: Network; wasm: Uint8Array<ArrayBuffer> }
  | { do: "measure"; id: number; thresholds: number[] }
  | { do: "curve"; id: number; all: number[][] }
  | { do: "read"; id: number; drawn: Uint8Array; thresholds: number[] }
  | { do: "find"; id: number; drawn: Uint8Array; all: number[][] }
  | { do: "cancel" };

/** What was read otherwise than in Python, and how near the two best answers are. */
export interface Differing {
  index: number;
  here: number;
  there: number;
  margin: number;
}

export interface Flipped {
  total: number;
  n: number;
  won: number;
  p_value: number;
  shown: { index: number; label: number; read: number; before?: number; after?: number }[];
}

/** What the worker answers. */
export type Answer =
  | { kind: "started" }
  | { kind: "failed"; error: string }
  | { kind: "accuracy"; id: number; correct: number; n: number; flips?: Flipped; images?: ArrayBuffer }
  | { kind: "point"; id: number; index: number; correct: number; n: number }
  | { kind: "read"; id: number; read: number; now: number[]; was: number; unpruned: number[] }
  | { kind: "tried"; id: number; index: number }
  | { kind: "found"; id: number; index: number; read: number; was: number }
  | { kind: "checked"; n: number; differing: Differing[] };

/** A line of a measured curve. */
export interface CurveLine {
  criterion: string;
  scope: string;
  points: Point[];
}

/** A lab's state at a sparsity measured in Python. */
export interface Stop {
  threshold: number;
  thresholds: Record<string, number>;
  sparsity: number;
  measured: Record<string, unknown>;
  flips: Record<string, unknown>;
  flip_images: Carried;
}

/** A view of the page. */
export interface Part {
  view: string;
  state: Record<string, unknown>;
  lines?: CurveLine[];
  stops?: Stop[];
  reasons?: string[];
  /** What is said below it. */
  note?: string;
}
