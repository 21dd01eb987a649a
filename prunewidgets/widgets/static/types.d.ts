// The types that the files here share, in one place. For tsc alone: nothing of this is sent to a page.

/** The model that a host hands to a view, as the AFM contract (anywidget front-end module) has it. */
export interface HostModel {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
  save_changes(): void;
  send(message: unknown): void;
  /** Beyond the contract: in hosts with JupyterLab's manager of widgets, the kernel's connection; `disposed` is emitted when it ends. */
  widget_manager?: {
    kernel?: { disposed?: Signal } | null;
    /** The notebook that the widget is in, and what renders its Markdown. */
    context?: { model?: { cells?: HostCells } };
    rendermime?: Rendermime;
  };
}

/** JupyterLab's list of a notebook's cells. */
export interface HostCells {
  length: number;
  get(at: number): { getMetadata(name: string): { slide_type?: unknown } | undefined; sharedModel: { getSource(): string } };
}

export interface Rendermime {
  createRenderer(type: string): { node: HTMLElement; renderModel(model: unknown): Promise<void> };
  createModel(options: { data: Record<string, string>; trusted: boolean }): unknown;
}

export interface Signal {
  connect(listener: () => void): unknown;
  disconnect(listener: () => void): unknown;
}

/** What a host calls `render` with. Without a signal, the view ends when the function that `render` returned is called. */
export interface RenderArguments {
  model: HostModel;
  el: HTMLElement;
  signal?: AbortSignal;
}

export type Render = (host: RenderArguments) => Promise<() => void>;

/** A view's model with its traits checked, see page/checked_model.js. */
export interface Model<Traits> {
  get<Name extends keyof Traits>(name: Name): Traits[Name];
  set<Name extends keyof Traits>(name: Name, value: Traits[Name]): void;
  on(event: `change:${TraitName}`, listener: () => void): void;
  off(event: `change:${TraitName}`, listener: () => void): void;
  save_changes(): void;
  send(message: Request): void;
}

/** What a view asks its kernel to do: the name of a button. */
export interface Request {
  do: string;
}

/** What a view, or a part of one, works with. */
export interface View<Traits extends ViewTraits = ViewTraits> {
  model: Model<Traits>;
  /** Where this part of the view goes. */
  el: HTMLElement;
  /** The whole view. */
  root: HTMLElement;
  /** Ends with the view. */
  signal: AbortSignal;
  shared: Shared;
  /** Tells this view from those linked to it. */
  id: string;
  /** The sparsity of all that the view counts, at a threshold. */
  sparsityAt: (threshold: number) => number;
  /** The accuracy measured at the current setting, where a view has measured any. */
  currentAccuracy?: () => number | null | undefined;
}

/** What a view and its parts share. */
export interface Shared {
  dragging: boolean;
  /** The timer of a change not yet sent to the kernel, or 0. */
  committing: number;
  /** How often the threshold has changed, and when its motion began, see page/motion.js. */
  motion: { jumps: number; start: number };
  /** Called after a request to the kernel. */
  onRequest: () => void;
  /** Whether the host has said so, see page/kernel.js; what is then called. */
  kernelGone: boolean;
  onKernelGone: (() => void)[];
  /** Called with true when the kernel does not answer, with false when it does again. */
  onNoAnswer: (unanswered: boolean) => void;
  /** Of this theme, once they have been read. */
  colours: Colours | null;
  redraws: (() => void)[];
  /** What handles the keys pressed in an element. */
  keys: Map<EventTarget, ((event: KeyboardEvent) => void)[]>;
  /** What the user points at, see page/highlight.js. */
  mark: Mark | null;
  /** Called with what is marked, whenever that changes. */
  marking: ((mark: Mark | null) => void)[];
}

/**
 * What the user points at: a bar of a histogram from -reach to reach, of one layer or of all (""); or weights of a layer,
 * by their indices in what was sent of it.
 */
export type Mark =
  | { kind: "bar"; layer: string; bin: number; reach: number }
  | { kind: "weights"; layer: string; shape: number[]; steps: number[]; indexes: number[] };

/** The colours and the font of one theme, and what is made of them on first use. */
export interface Colours {
  ink: string;
  soft: string;
  line: string;
  ground: string;
  panel: string;
  kept: string;
  pruned: string;
  mark: string;
  lines: string[];
  font: string;
  size: number;
  hatch?: CanvasPattern | string;
  pixels?: { ground: number; line: number };
}

/** The edges of a plot inside its canvas, in pixels. */
export interface Plot {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

// The traits of each view, with the names that Python gives them.

/** Of every view; those without a threshold read 0. */
export interface ViewTraits {
  words: Record<string, string>;
  error: string | null;
  threshold: number;
  sparsity: number;
  group: string;
  readout: boolean;
  /** In a saved page (pages/): whether that measures, or shows what was measured. "" where there is a kernel. */
  in_page: "" | "measures" | "fixed";
}

export interface SliderTraits extends ViewTraits {
  dtype: Dtype;
  total: number;
  ordered: Bytes;
  below: Bytes;
}

export interface WeightTraits extends ViewTraits {
  layer: string;
  layers: Layer[];
  dtype: Dtype;
  criterion: string;
  generation: number;
  weights: Bytes;
  scores: Bytes;
  stop_lists: { name: string; length: number; total: number }[];
  stops: Bytes;
  stops_below: Bytes;
  /** Height and width of the groups of a pattern, by layer; a heatmap draws lines between them. */
  groups: Record<string, [height: number, width: number]>;
}

export interface StepsTraits extends WeightTraits {
  step: number;
}

export interface ConvolutionTraits extends WeightTraits {
  image: Bytes;
  image_size: [height: number, width: number];
  filter: number;
  row: number;
  column: number;
}

export interface CurveTraits extends ViewTraits {
  series: Line[];
  /** Of the values called `accuracy` in the points; the accuracy itself if it has no name. */
  measure?: Partial<Measure>;
}

export interface ExpectedTraits extends CurveTraits {
  /** The lowest and highest value on the axis. */
  span: [low: number, high: number];
  sparsities: number[];
  unpruned: number | null;
  guess: [sparsity: number, accuracy: number][];
  stage: "drawing" | "locked" | "shown";
}

export interface HandsTraits extends ViewTraits {
  question: string;
  answers: string[];
  /** Whether a row is nearer to some rows than to others. */
  ranged: boolean;
  /** Hands of each answer. */
  before: number[];
  /** The same after a discussion; empty if the class was not asked again. */
  after: number[];
  /** The row of what was found, and its text; empty before it is handed in. */
  found: { answer?: number; text?: string };
  revealed: boolean;
}

export interface LabTraits extends WeightTraits, CurveTraits {
  title: string;
  scope: "global" | "layer";
  thresholds: Record<string, number>;
  criteria: string[];
  kernels_only: boolean;
  measured: Partial<Accuracy>;
  measuring: boolean;
  cancelled: boolean;
  unpruned: number | null;
  data: string;
  examples: number;
  flips: Partial<Flips>;
  flip_images: DataView | null;
  image_shape: [height: number, width: number, channels: number];
  working: string;
  progress: number;
  applied: number;
  restorable: boolean;
  settings_open: boolean;
  takes_drawings: boolean;
  can_flip: boolean;
  drawn: DataView<ArrayBuffer> | null;
  reading: Partial<Reading>;
  misread: Partial<Misread>;
}

export interface LedgerTraits extends WeightTraits {
  title: string;
  positions: Record<string, number> | null;
  dense: Partial<Costs>;
  counted: Partial<State> & { costs?: Costs };
  offered: string[];
  measured: Record<string, Cost & State>;
  measuring: boolean;
  cancelled: boolean;
  conditions: Record<string, number>;
  wins: { inputs?: number; units?: number; from?: Record<string, number | null> };
}

export interface ScheduleTraits extends ViewTraits, Settings {}

export interface PlanTraits extends ViewTraits {
  /** By cost. */
  plan_points: PlanPoint[];
  plan_layers: { name: string; size: number }[];
  plan_unit: PlanUnit;
  plan_structured: boolean;
  measure: Partial<Measure>;
  budget: number;
}

/** Any trait that a view can wait for, whether it has that trait or not. */
export type TraitName =
  | keyof SliderTraits
  | keyof StepsTraits
  | keyof ConvolutionTraits
  | keyof ExpectedTraits
  | keyof HandsTraits
  | keyof LabTraits
  | keyof LedgerTraits
  | keyof ScheduleTraits
  | keyof PlanTraits;

// What the traits hold.

export type PlanUnit = "weights" | "bytes" | "multiply_adds";

/** A choice for the whole model, and its measured accuracy or metric. */
export interface PlanPoint {
  cost: number;
  accuracy: number;
  low: number | null;
  high: number | null;
  /** Of each layer. */
  kept: number[];
}

export type Dtype = "float32" | "float64";

export type Floats = Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** A message's binary buffer; null once a closed model has released it. */
export type Bytes = DataView<ArrayBuffer> | null;

/** One weight array. */
export interface Layer {
  name: string;
  /** Of what was sent. */
  shape: number[];
  /** Of the array in the model. */
  full_shape: number[];
  /** Every n-th index of each axis was sent. */
  steps: number[];
  /** Number of weights in the model. */
  size: number;
  /** Where it starts in the buffer. */
  offset: number;
  /** How many were sent. */
  count: number;
  /** The axes of inputs and of filters. */
  channels?: number[] | null;
  /** Height, width and channels of the input picture, where the layer reads it. */
  picture?: number[] | null;
}

/** What a model is judged by. */
export interface Measure {
  /** Empty for the accuracy. */
  name: string;
  /** Whether higher ("max") or lower values are better, if that is known. */
  direction: "max" | "min" | null;
  /** Whether the values go from 0 to 1 and are shown in per cent. */
  share: boolean;
}

/** One line of a curve. */
export interface Line {
  name: string;
  /** The name without the seed: lines of one method share a colour. */
  method?: string;
  points: Point[];
}

export interface Point {
  sparsity: number;
  accuracy: number;
  low?: number | null;
  high?: number | null;
  threshold?: number | null;
}

/** What a measurement belongs to. */
export interface State {
  generation: number;
  criterion: string;
  /** How many weights were removed, in a ledger. */
  removed?: number;
  /** τ, in a ledger. */
  threshold?: number;
  /** How many weights were removed from each layer, in a lab. */
  counts?: number[] | null;
  /** τ of each layer, in a lab. */
  thresholds?: number[] | null;
}

export interface Accuracy extends State {
  accuracy: number;
  n: number;
  low?: number | null;
  high?: number | null;
}

/** Examples that the unpruned model classifies correctly and the pruned one does not. */
export interface Flips extends State {
  total: number;
  n: number;
  /** How many the pruned model reads right and the unpruned one did not; p of McNemar's exact test. */
  won?: number | null;
  p_value?: number | null;
  /** `before` and `after`: the probability of the right answer before pruning, and of the present one. */
  shown: { index: number; label: number; read: number; before?: number | null; after?: number | null }[];
}

/** What a drawn digit is read as. */
export interface Reading extends State {
  /** The drawing, in hexadecimal. */
  drawn: string;
  read: number;
  /** The probability of each digit. */
  now: number[];
  /** The same without pruning. */
  was: number;
  unpruned: number[];
}

/** The smallest sparsity tried at which the drawn digit is misread, null if there is none. */
export interface Misread {
  generation: number;
  criterion: string;
  scope: string;
  sparsity: number | null;
  read: number | null;
  was: number;
}

/** A number beside the dense model's; low and high where it was timed. */
export interface Cost {
  value: number;
  base?: number;
  low?: number | null;
  high?: number | null;
  base_low?: number | null;
  base_high?: number | null;
}

/** Counts of `ledger`, by name. */
export type Costs = Record<string, number>;

/** A pruning schedule. */
export interface Settings {
  kind: "constant" | "one_shot" | "iterative" | "polynomial";
  final: number;
  begin: number;
  end: number;
  power: number;
  share: number;
  total: number;
}

/** What a host tells of a notebook's cells, by their number; null if nothing. */
export type NotebookCells = {
  readonly length: number;
  type(at: number): string;
  text(at: number): string;
  render?: (markdown: string) => Promise<HTMLElement>;
} | null;

/** A cell of what a lecture shows, and its slide type as notebooks have it; "" for one that continues. */
export interface StageCell {
  element: HTMLElement;
  type: string;
}

/** Where a lecture shows its slides: a saved page, or a notebook that is open in JupyterLab. */
export interface Stage {
  /** Has the cells, and the focus while no field has it. */
  main: HTMLElement;
  /** What scrolls. */
  scroller: Element;
  /** What is seen beside the cells. */
  root: Element;
  title: string;
  cells(): StageCell[];
  /** Whether a cell is prose alone. */
  isWords(cell: Element): boolean;
  /** Puts elements above the cells. */
  above(...elements: Element[]): void;
  /** Puts elements over or below them. */
  over(...elements: Element[]): void;
  /** A cell to be read in another window, where a view would be dead. */
  copied(cell: Element): Node;
  /** The style of that window. */
  style(): string;
  /** Called before the first slide shows, and when the cells are as they were. */
  entered(): void;
  left(slide: Slide): void;
}

/** A slide: the cells of each step, and notes for the speaker from a step on. */
export interface Slide {
  steps: HTMLElement[][];
  notes: { step: number; cell: HTMLElement }[];
  /** The heading above its first cell, where that has none of its own. */
  heading: string;
  title: string;
  sub: boolean;
}
