import type { RunState } from "../../functions/stores/store.ts";
import type { BandKind } from "./charts/grouping.ts";

/** The x axis; `clock` is `time` as wall clock instead of time since the run's start. */
export type Axis = "epoch" | "step" | "time" | "clock";
export type Tab = "charts" | "dashboards" | "table" | "sql";

/** What is shown and how. All of it stands in the address, so that a view can be shared. */
export interface View {
  tab: Tab;
  project: string | null;
  /** Runs in the charts; null follows the newest. */
  runs: string[] | null;
  /** The run in the gauges; null is the first of those shown. */
  focus: string | null;
  /** null is chosen from what the runs have. */
  x: Axis | null;
  /** Metrics whose charts stand first, in this order. */
  pins: string[];
  /** Metrics whose charts are as wide as the page. */
  large: string[];
  /** Metrics on a logarithmic axis. */
  log: string[];
  /** 0 to 0.99, the weight of the moving average. */
  smoothing: number;
  /** Leaves outliers out of the axis' range. */
  clip: boolean;
  splits: "all" | "train" | "validation";
  groupBy: string | null;
  band: BandKind;
  text: string;
  state: RunState | null;
  archived: boolean;
  /** Conditions on params, such as `learning_rate < 0.01`: a run is listed if all hold. */
  params: string[];
  sort: string;
  /** Columns of the table; null is all. */
  columns: string[] | null;
  metrics: string;
  /** The key of the dashboard; null is the first. */
  dashboard: string | null;
  /** What the dashboard is narrowed to, as column=value. */
  only: string[];
  sql: string | null;
  /** The name of a saved view that is to be opened. */
  saved: string | null;
}

export const DEFAULT_VIEW: View = {
  tab: "charts",
  project: null,
  runs: null,
  focus: null,
  x: null,
  pins: [],
  large: [],
  log: [],
  smoothing: 0,
  clip: false,
  splits: "all",
  groupBy: null,
  band: "std",
  text: "",
  state: null,
  archived: false,
  params: [],
  sort: "-started_at",
  columns: null,
  metrics: "",
  dashboard: null,
  only: [],
  sql: null,
  saved: null,
};

const CHOICES: { [K in keyof View]?: readonly unknown[] } = {
  tab: ["charts", "dashboards", "table", "sql"],
  x: ["epoch", "step", "time", "clock"],
  splits: ["all", "train", "validation"],
  band: ["std", "range"],
  state: ["running", "finished", "failed", "stopped", "lost"],
};
/** What may stand there several times. */
const LISTS = {
  runs: "run",
  pins: "pin",
  large: "large",
  log: "log",
  params: "param",
  columns: "column",
  only: "only",
} as const;
const isList = (key: keyof View): key is keyof typeof LISTS => key in LISTS;

/** Reads the part of an address after `#`. What it does not know or understand it leaves out. */
export function parseView(hash: string): View {
  const search = new URLSearchParams(hash.replace(/^#/, ""));
  const view: Record<string, unknown> = { ...DEFAULT_VIEW };
  for (const key of Object.keys(DEFAULT_VIEW) as (keyof View)[]) {
    if (isList(key)) {
      const values = search.getAll(LISTS[key]);
      if (values.length > 0) view[key] = values;
      continue;
    }
    const text = search.get(key);
    if (text === null) continue;
    if (key === "smoothing") view[key] = Math.min(0.99, Math.max(0, Number(text) || 0));
    else if (key === "clip" || key === "archived") view[key] = text === "1";
    else if (CHOICES[key]?.includes(text) ?? true) view[key] = text;
  }
  return view as unknown as View;
}

/** The part after `#` for a view, only with what differs from the default. */
export function formatView(view: View): string {
  const search = new URLSearchParams();
  for (const key of Object.keys(DEFAULT_VIEW) as (keyof View)[]) {
    const value = view[key];
    if (isList(key)) for (const one of view[key] ?? []) search.append(LISTS[key], one);
    else if (value === DEFAULT_VIEW[key] || value === null) continue;
    else search.append(key, typeof value === "boolean" ? "1" : String(value));
  }
  return search.toString();
}

export type ViewState = ReturnType<typeof createViewState>;

/**
 * The address is written when a view has rested for so long: browsers refuse to be told of every
 * move of a slider.
 */
const REST_MS = 300;

/** The view as it stands, kept in the address bar. */
export function createViewState() {
  const listeners = new Set<(changed: ReadonlySet<keyof View>) => void>();
  let view = parseView(location.hash);
  let resting: ReturnType<typeof setTimeout> | undefined;

  function change(next: View) {
    const keys = Object.keys(DEFAULT_VIEW) as (keyof View)[];
    const changed = new Set(keys.filter((key) => JSON.stringify(view[key]) !== JSON.stringify(next[key])));
    if (changed.size === 0) return;
    view = next;
    for (const listener of listeners) listener(changed);
  }

  function write(how: "pushState" | "replaceState") {
    clearTimeout(resting);
    resting = undefined;
    const hash = formatView(view);
    try {
      history[how](null, "", `${location.pathname}${location.search}${hash ? `#${hash}` : ""}`);
    } catch {
      // Too often for this browser: the view is shown all the same, and its address comes with the
      // next change.
    }
  }

  function writeNow() {
    if (resting !== undefined) write("replaceState");
  }

  window.addEventListener("hashchange", () => {
    clearTimeout(resting);
    resting = undefined;
    change(parseView(location.hash));
  });
  window.addEventListener("pagehide", writeNow);
  return {
    get: (): Readonly<View> => view,
    set(patch: Partial<View>) {
      const next = { ...view, ...patch };
      // Back leads to the tab that was left, not through every move of a slider.
      const isOtherTab = next.tab !== view.tab;
      if (isOtherTab) writeNow();
      change(next);
      clearTimeout(resting);
      if (isOtherTab) write("pushState");
      else resting = setTimeout(write, REST_MS, "replaceState");
    },
    /** Returns what ends it. */
    onChange(listener: (changed: ReadonlySet<keyof View>) => void): () => void {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
