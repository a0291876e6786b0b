import { h, setAttribute, setOptions, setText } from "../layout/element.ts";
import type { PageContext } from "../page-context.ts";
import { varyingParams } from "../runs/selection.ts";
import type { Axis, View } from "../view.ts";
import type { BandKind } from "./grouping.ts";

const AXES: [Axis, string][] = [
  ["epoch", "Epoch"],
  ["step", "Step"],
  ["time", "Time"],
  ["clock", "Clock"],
];
const SPLITS: [View["splits"], string][] = [
  ["all", "Both"],
  ["train", "Train"],
  ["validation", "Validation"],
];

/** How all charts are drawn: x axis, splits, smoothing, grouping, outliers. */
export function createToolbar(context: PageContext) {
  const { view } = context;
  const axis = segments("x axis", AXES, (x) => view.set({ x }));
  const splits = segments("Splits", SPLITS, (split) => view.set({ splits: split }));
  const smoothing = h("input", {
    type: "range",
    min: 0,
    max: 0.99,
    step: 0.01,
    "aria-label": "Smoothing",
    "data-testid": "smoothing",
    oninput: () => view.set({ smoothing: Number(smoothing.value) }),
  });
  const weight = h("output", { class: "weight" });
  const groupBy = h("select", {
    class: "field",
    "aria-label": "Group runs by",
    "data-testid": "group-by",
    onchange: () => view.set({ groupBy: groupBy.value || null }),
  });
  const band = h("select", {
    class: "field",
    "aria-label": "Band around the mean",
    onchange: () => view.set({ band: band.value as BandKind }),
  });
  setOptions(
    band,
    [
      ["std", "± std"],
      ["range", "min–max"],
    ],
    "std",
  );
  const clip = h("input", { type: "checkbox", onchange: () => view.set({ clip: clip.checked }) });
  const element = h(
    "div",
    { class: "toolbar", role: "group", "aria-label": "Chart settings", "data-testid": "toolbar" },
    axis.element,
    splits.element,
    h("label", { class: "tool" }, h("span", {}, "Smooth"), smoothing, weight),
    h("label", { class: "tool" }, h("span", {}, "Group"), groupBy),
    band,
    h("label", { class: "check" }, clip, "Ignore outliers"),
  );

  function update() {
    const now = view.get();
    axis.update(context.axis());
    splits.update(now.splits);
    if (document.activeElement !== smoothing) smoothing.value = String(now.smoothing);
    setText(weight, now.smoothing.toFixed(2));
    clip.checked = now.clip;
    const params = new Set(varyingParams(context.shown()));
    if (now.groupBy !== null) params.add(now.groupBy);
    setOptions(
      groupBy,
      [["", "by run"], ...[...params].map((name): [string, string] => [name, name])],
      now.groupBy ?? "",
    );
    groupBy.parentElement!.hidden = params.size === 0;
    band.hidden = now.groupBy === null;
    band.value = now.band;
  }

  return { element, update };
}

function segments<T extends string>(label: string, choices: [T, string][], choose: (value: T) => void) {
  const buttons = choices.map(([value, text]) =>
    h("button", { type: "button", "data-value": value, onclick: () => choose(value) }, text),
  );
  const element = h("div", { class: "segments", role: "group", "aria-label": label }, ...buttons);
  return {
    element,
    update(value: T) {
      for (const button of buttons) setAttribute(button, "aria-pressed", String(button.dataset.value === value));
    },
  };
}
