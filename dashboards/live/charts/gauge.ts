import { gaugeRange, shareOf } from "../data/metric-names.ts";
import { h, setAttribute, setText } from "../layout/element.ts";
import { formatNumber, formatShort } from "../layout/format.ts";
import type { Inks } from "../layout/theme.ts";
import { createChart, FONT, lessMotion } from "./echarts.ts";

export interface GaugeInput {
  metric: string;
  run: string;
  value: number | null;
  validation: number | null;
  min: number;
  max: number;
  /** Where in the run the value lies: "epoch 3", "epoch 3, batch 12". */
  coordinates: string;
  color: string;
  ink: Inks;
  /** The scale ends at `min` and `max` whatever the values, has bands, and the number is so. */
  fixed?: { bands: { to: number; color: string }[]; text: string };
}

/**
 * An arc for the training value and a thinner one within it for validation; the numbers are text.
 */
export function createGauge() {
  const canvas = h("div", { class: "gauge-canvas", "aria-hidden": "true" });
  const value = h("div", { class: "gauge-value" });
  const name = h("div", { class: "gauge-name" });
  const validation = h("div", { class: "gauge-validation" });
  const coordinates = h("div", { class: "gauge-coordinates" });
  const element = h(
    "figure",
    { class: "gauge", "data-testid": "gauge" },
    canvas,
    h("figcaption", { class: "gauge-caption" }, value, name, validation, coordinates),
  );
  const chart = createChart(canvas);
  let shown = "";
  let range: [number, number] = [0, 1];
  let subject = "";
  let updates = 0;

  function update(input: GaugeInput) {
    const whole = JSON.stringify(input);
    if (whole === shown) return;
    shown = whole;
    const sameSubject = subject === `${input.run} ${input.metric}`;
    subject = `${input.run} ${input.metric}`;
    const wide: [number, number] = input.fixed
      ? [input.min, input.max]
      : gaugeRange(input.metric, input.min, input.max);
    // While one run is watched the scale may widen but not shrink under the needle.
    range = sameSubject ? [Math.min(range[0], wide[0]), Math.max(range[1], wide[1])] : wide;
    updates = sameSubject ? updates + 1 : 1;

    setText(value, input.fixed?.text ?? (input.value === null ? "–" : formatNumber(input.value)));
    value.classList.toggle("not-finite", input.value !== null && !Number.isFinite(input.value));
    setText(name, input.metric);
    setAttribute(name, "title", input.metric);
    setText(validation, input.validation === null ? "" : `val ${formatNumber(input.validation)}`);
    setText(coordinates, input.coordinates);
    setAttribute(element, "data-metric", input.metric);
    setAttribute(element, "data-value", input.value === null ? null : String(input.value));
    setAttribute(element, "data-validation", input.validation === null ? null : String(input.validation));
    setAttribute(element, "data-updates", updates);
    chart.setOption(gaugeOption(input, range), { lazyUpdate: true });
  }

  return { element, update, dispose: () => chart.dispose() };
}

function gaugeOption({ value, validation, color, ink, fixed }: GaugeInput, range: [number, number]) {
  const arc = {
    type: "gauge",
    startAngle: 215,
    endAngle: -35,
    // The library rounds to ten digits after the point, and takes the difference of the ends.
    min: 0,
    max: 1,
    center: ["50%", "57%"],
    title: { show: false },
    detail: { show: false },
  };
  const finite = (number: number | null) => (number !== null && Number.isFinite(number) ? number : null);
  const dataOf = (number: number | null) =>
    finite(number) === null ? [] : [{ value: shareOf(number as number, range) }];
  const ends = (tick: number) => (tick === 0 ? formatShort(range[0]) : tick === 1 ? formatShort(range[1]) : "");
  const bands = fixed?.bands ?? [];
  const track = bands.length === 0 ? [[1, ink.track]] : bands.map(({ to, color }) => [shareOf(to, range), color]);
  return {
    animationDuration: 0,
    animationDurationUpdate: lessMotion.matches ? 0 : 350,
    textStyle: { fontFamily: FONT },
    series: [
      {
        ...arc,
        id: "train",
        radius: "90%",
        splitNumber: 5,
        axisLine: { roundCap: false, lineStyle: { width: bands.length === 0 ? 9 : 3, color: track } },
        progress: { show: finite(value) !== null, width: 9, itemStyle: { color } },
        pointer: {
          show: finite(value) !== null,
          icon: "path://M-1.2,-100 L1.2,-100 L1.2,-80 L-1.2,-80 Z",
          length: "9%",
          width: 3,
          offsetCenter: [0, "-83%"],
          itemStyle: { color: ink.text },
        },
        axisTick: {
          show: true,
          splitNumber: 5,
          distance: -13,
          length: 3,
          lineStyle: { color: ink.muted, width: 1, opacity: 0.55 },
        },
        splitLine: { distance: -15, length: 5, lineStyle: { color: ink.muted, width: 1 } },
        axisLabel: { distance: 25, color: ink.muted, fontSize: 11, formatter: ends },
        data: dataOf(value),
      },
      {
        ...arc,
        id: "validation",
        radius: "78%",
        axisLine: { lineStyle: { width: 3, color: [[1, validation === null ? "transparent" : ink.track]] } },
        progress: { show: finite(validation) !== null, width: 3, itemStyle: { color, opacity: 0.75 } },
        pointer: { show: false },
        axisTick: { show: false },
        splitLine: { show: false },
        axisLabel: { show: false },
        data: dataOf(validation),
      },
    ],
  };
}
