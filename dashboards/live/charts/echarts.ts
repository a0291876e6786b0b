import { BarChart, CustomChart, GaugeChart, LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, TooltipComponent } from "echarts/components";
import { type ECharts, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";

use([BarChart, CustomChart, GaugeChart, LineChart, ScatterChart, GridComponent, TooltipComponent, CanvasRenderer]);

export type Chart = ECharts;

/** The style sheet's font, for what is drawn on a canvas. */
export const FONT = getComputedStyle(document.documentElement).getPropertyValue("--font").trim();

/** A chart that keeps the size of its element. */
export function createChart(element: HTMLElement): Chart {
  const chart = init(element, null, { renderer: "canvas" });
  const observer = new ResizeObserver(() => requestAnimationFrame(() => !chart.isDisposed() && chart.resize()));
  observer.observe(element);
  const { dispose } = chart;
  chart.dispose = () => {
    observer.disconnect();
    dispose.call(chart);
  };
  return chart;
}

export const lessMotion = matchMedia("(prefers-reduced-motion: reduce)");
