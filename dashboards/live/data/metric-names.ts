import type { Split } from "../../../functions/stores/store.ts";
import { GAUGE_METRICS, LINE_METRICS } from "./standard-metrics.ts";

// As `lower_is_better` of the SQL views has it, so that "best" means the same there and here.
const LOW =
  /(loss|losses|errors?|errs?|mae|mse|mape|msle|perplexity|divergence|time|seconds|costs?|(^|[^a-z0-9])(wer|cer|eer|ppl|nll|bpb|bpc|bpd|fid|kid|kld?|brier|latency))($|[^a-z])/i;
const HIGH =
  /(^|[^a-z0-9])(acc|accuracy|precision|recall|f1|auc|auroc|iou|dice|top[0-9]+|hit_rate|specificity|sensitivity|reward|return|score|bleu|rouge[a-z0-9]*|map|ndcg[a-z0-9]*|mrr|r2|psnr|ssim)($|[^a-z])/i;
/** Before any low word: lossless_acc, cost_sensitive_f1 ... */
const FIRST_HIGH =
  /(^|[^a-z0-9])(acc|accuracy)$|(time|seconds|costs?)[^a-z](.*[^a-z0-9])?(acc|accuracy|precision|recall|f1|auc|auroc|iou|dice|top[0-9]+|hit_rate|specificity|sensitivity|reward|return|bleu|rouge[a-z0-9]*|map|ndcg[a-z0-9]*|mrr|r2|psnr|ssim)($|[^a-z])/is;
/** ... but not time_to_accuracy. */
const MEASURED_BY = /[^a-z0-9](per|to|at)[^a-z]/i;
const SHARE =
  /(^|[_./\s-])(acc|accuracy|precision|recall|f1|auc|auroc|iou|dice|top\d+|hit_rate|specificity|sensitivity)($|[_./\s\d-])/i;

/**
 * Whether the lower or the higher value is the better one, by the name; null where that says
 * nothing.
 */
export const directionOf = (metric: string): boolean | null => {
  if (FIRST_HIGH.test(metric) && !MEASURED_BY.test(metric)) return false;
  if (LOW.test(metric)) return true;
  return HIGH.test(metric) ? false : null;
};

/** Whether a lower value of this metric is the better one. */
export const lowerIsBetter = (metric: string): boolean => directionOf(metric) === true;

/** What a run is given or measures of itself: neither high nor low is good. */
const SETTING = /(^|[_./\s-])(lr|learning_rate|epochs?|steps?|seconds|time|duration|memory)($|[_./\s\d-])/i;

const LOSS =
  /(loss|losses|errors?|errs?|mae|mse|mape|msle|perplexity|divergence|(^|[^a-z0-9])(wer|cer|eer|ppl|nll|bpb|bpc|bpd|fid|kid|kld?|brier))($|[^a-z])/i;

/** A loss or a score, whatever else its name has: epoch_loss, time_masked_accuracy. */
function isLossOrScore(metric: string): boolean {
  // What is measured stands first: steps_to_accuracy is a number of steps.
  const measured = metric.split(MEASURED_BY)[0]!;
  return LOSS.test(measured) || (HIGH.test(measured) && directionOf(metric) === false);
}

/**
 * Whether the lower or the higher value is the better one, so that runs can be sorted by the best:
 * as the store says, but null for what a run is given or measures of itself unless someone said so.
 */
export const judgedLow = (metric: string, stored: boolean | null): boolean | null =>
  stored === directionOf(metric) && SETTING.test(metric) && !isLossOrScore(metric) ? null : stored;

/** Whether this metric is a share, so that a gauge runs from 0 to 1. */
export const isShare = (metric: string): boolean => !lowerIsBetter(metric) && SHARE.test(metric);

/** One for all comparisons: `localeCompare` makes one for each. */
const COLLATOR = new Intl.Collator();

const rank = (metric: string): number => {
  const standard = LINE_METRICS.indexOf(metric);
  if (standard >= 0) return standard;
  return LINE_METRICS.length + (isShare(metric) ? 0 : lowerIsBetter(metric) ? 1 : 2);
};

/**
 * First what the dashboard `training` has lines of: accuracy and loss, as in the paper's Figure 3;
 * then other scores, other losses, the rest by name.
 */
export function orderMetrics(metrics: Iterable<string>): string[] {
  const ranked = [...new Set(metrics)].map((metric): [number, string] => [rank(metric), metric]);
  return ranked.sort((a, b) => a[0] - b[0] || COLLATOR.compare(a[1], b[1])).map(([, metric]) => metric);
}

/**
 * The two metrics the gauges show: those at the head of the dashboard `training`; else a score and
 * a loss, or what there is.
 */
export function gaugeMetrics(metrics: Iterable<string>): string[] {
  const ordered = orderMetrics(metrics).filter((metric) => metric !== "");
  const score = ordered.find(isShare);
  const loss = ordered.find(lowerIsBetter);
  const standard = GAUGE_METRICS.filter((metric) => ordered.includes(metric));
  const both = [score, loss].filter((metric) => metric !== undefined);
  const first = standard.length > 1 ? standard : both;
  return [...first, ...ordered.filter((metric) => !first.includes(metric))].slice(0, 2);
}

/** A metric's name where it is read; an empty one is said to be so. */
export const metricLabel = (metric: string): string => metric || "(no name)";

export const splitLabel = (metric: string, split: Split): string => {
  const label = metricLabel(metric);
  return split === "train" ? label : split === "validation" ? `val ${label}` : `test ${label}`;
};

/** The smallest end of a scale: below it the powers of ten are no longer exact. */
const LEAST = 1e-300;

/** The end of a gauge that starts at 0: 1, 1.5, 2, 2.5, 3, 4, 5, 6 or 8 times a power of ten. */
export function niceCeiling(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 1;
  if (value < LEAST) return LEAST;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].find((candidate) => value <= candidate * power * (1 + 1e-9)) ?? 10;
  return Math.min(Number((step * power).toPrecision(3)), Number.MAX_VALUE);
}

/** Where a value lies between the ends of a range, as 0 to 1, whatever doubles they are. */
export function shareOf(value: number, [min, max]: readonly [number, number]): number {
  const span = max - min;
  return Number.isFinite(span) ? (value - min) / span : (value / 2 - min / 2) / (max / 2 - min / 2);
}

export function gaugeRange(metric: string, min: number, max: number): [number, number] {
  if (isShare(metric) && min >= 0 && max <= 1) return [0, 1];
  return [min < 0 ? -niceCeiling(-min) : 0, niceCeiling(max)];
}
