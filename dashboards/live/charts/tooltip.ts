import { h } from "../layout/element.ts";
import { formatClock, formatMoment, formatNumber } from "../layout/format.ts";
import type { Axis } from "../view.ts";
import type { LineChartInput } from "./line-chart.ts";
import type { ChartLine } from "./lines.ts";

const MOST_ROWS = 14;

const X_TEXT: Record<Axis, (x: number) => string> = {
  epoch: (x) => `epoch ${Math.round(x)}`,
  step: (x) => `step ${Math.round(x)}`,
  time: (x) => formatClock(x),
  clock: (x) => formatMoment(x),
};

/** The values of all lines at an x, highest first, with those that are not finite. */
export function chartTooltip({ lines, x: axis, colorOf }: LineChartInput, x: number): HTMLElement {
  const rows = lines
    .flatMap((line) => {
      const near = nearest(line, x);
      return near ? [{ line, ...near }] : [];
    })
    .sort((a, b) => (b.value ?? Number.NEGATIVE_INFINITY) - (a.value ?? Number.NEGATIVE_INFINITY));
  return h(
    "div",
    { class: "chart-tooltip" },
    h("div", { class: "chart-tooltip-x" }, X_TEXT[axis](rows[0]?.x ?? x)),
    ...rows
      .slice(0, MOST_ROWS)
      .map(({ line, value, name, low, high }) =>
        h(
          "div",
          { class: "chart-tooltip-row" },
          h("span", { class: `line-sample ${line.split}`, style: `color:${colorOf(line.hue)}` }),
          h("span", { class: "chart-tooltip-label" }, line.label),
          h(
            "span",
            { class: "chart-tooltip-split" },
            line.split === "validation" ? "val" : line.split === "test" ? "test" : "",
          ),
          h("b", {}, name ? `▲ ${name}` : value === null ? "–" : formatNumber(value)),
          low === undefined
            ? null
            : h("span", { class: "chart-tooltip-band" }, `${formatNumber(low)} … ${formatNumber(high!)}`),
        ),
      ),
    rows.length > MOST_ROWS ? h("div", { class: "chart-tooltip-x" }, `and ${rows.length - MOST_ROWS} more`) : null,
  );
}

interface Near {
  x: number;
  value: number | null;
  name?: string | undefined;
  low?: number | undefined;
  high?: number | undefined;
}

/** The line's own point next to an x, unless the line ends well before it or starts well after. */
function nearest({ points, marks, band }: ChartLine, at: number): Near | null {
  let best = -1;
  for (let i = 0; i < points.length; i++) {
    if (best < 0 || Math.abs(points[i]![0] - at) <= Math.abs(points[best]![0] - at)) best = i;
  }
  if (best < 0) return null;
  const [x, value] = points[best]!;
  const gap = points.length > 1 ? Math.abs(points.at(-1)![0] - points[0]![0]) / (points.length - 1) : 0;
  if (Math.abs(x - at) > Math.max(gap, 1e-9)) return null;
  const name = value === null ? marks.find((mark) => mark.x === x)?.name : undefined;
  return { x, value, name, low: band?.[best]?.[1], high: band?.[best]?.[2] };
}
