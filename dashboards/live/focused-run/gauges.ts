import type { RunWithSummary } from "../../../functions/stores/store.ts";
import { createGauge } from "../charts/gauge.ts";
import type { Latest } from "../data/latest-values.ts";
import { gaugeMetrics } from "../data/metric-names.ts";
import { GAUGE_METRICS } from "../data/standard-metrics.ts";
import { epochRow } from "../data/summary-rows.ts";
import { h } from "../layout/element.ts";
import { inks, theme } from "../layout/theme.ts";
import type { ChartContext } from "../page-context.ts";

/** What the gauges show while a run has no metric yet. */
const EXPECTED = GAUGE_METRICS.slice(0, 2);

/** Creates two gauges of a run: a score and a loss, or what there is. */
export function createGauges(context: ChartContext) {
  const { feed } = context;
  const gauges = EXPECTED.map(() => createGauge());
  const element = h("div", { class: "gauges" }, ...gauges.map((gauge) => gauge.element));

  function update(run: RunWithSummary) {
    const metrics = gaugeMetrics(run.summary.map((row) => row.metric));
    const shown = metrics.length > 0 ? metrics : EXPECTED;
    element.classList.toggle("single", shown.length === 1);
    gauges.forEach((gauge, i) => {
      const metric = shown[i];
      gauge.element.hidden = metric === undefined;
      if (metric === undefined) return;
      const train = feed.latest.of(run, metric, "train") ?? feed.latest.of(run, metric, "test");
      const validation = feed.latest.of(run, metric, "validation");
      const rows = [epochRow(run.summary, metric, "train"), epochRow(run.summary, metric, "validation")];
      const values = [train?.value, validation?.value, ...rows.flatMap((row) => [row?.min, row?.max])].filter(
        (value): value is number => typeof value === "number" && Number.isFinite(value),
      );
      gauge.update({
        metric,
        run: run.run,
        value: train?.value ?? null,
        validation: validation?.value ?? null,
        min: Math.min(0, ...values),
        max: Math.max(0, ...values),
        coordinates: coordinatesText(train),
        color: context.colors.of(run.run, theme()),
        ink: inks(),
      });
    });
  }

  function coordinatesText(latest: Latest | null): string {
    if (!latest) return "no value yet";
    const { epoch } = latest;
    const parts = epoch === null ? [] : [`epoch ${epoch}`];
    if (latest.level === "batch") parts.push(batchText(latest));
    return parts.join(", ") || "last epoch";
  }

  return {
    element,
    update,
    dispose() {
      for (const gauge of gauges) gauge.dispose();
    },
  };
}

function batchText({ batch, step }: Latest): string {
  if (batch !== null) return `batch ${batch}`;
  return step === null ? "last batch" : `step ${step}`;
}
