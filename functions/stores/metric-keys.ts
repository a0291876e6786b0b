import type { Level, SeriesQuery, Split } from "./store.ts";

/**
 * The kinds of event that carry metrics, and what a plain key in their logs means. The `metrics`
 * view says the same.
 */
export const LEVELS: Readonly<Record<string, { level: Level; split: Split }>> = {
  on_epoch_end: { level: "epoch", split: "train" },
  on_train_batch_end: { level: "batch", split: "train" },
  on_test_batch_end: { level: "batch", split: "validation" },
};

/**
 * What frameworks put before a metric's name to say which data it was measured on, followed by `_`
 * or `/`.
 */
const PREFIXES: Readonly<Record<string, Split>> = {
  train: "train",
  val: "validation",
  validation: "validation",
  eval: "validation",
  test: "test",
};
const FORMS = Object.entries(PREFIXES).flatMap(([prefix, split]) =>
  ["_", "/"].map((end) => [prefix + end, split] as const),
);
const PREFIXED = new RegExp(`^(${Object.keys(PREFIXES).join("|")})[_/](.+)$`, "s");

/**
 * Splits a key into the metric's name and the split that stands before it; null where none does.
 */
export function splitKey(key: string): { metric: string; split: Split | null } {
  const [, prefix = "", metric] = PREFIXED.exec(key) ?? [];
  return metric === undefined ? { metric: key, split: null } : { metric, split: PREFIXES[prefix] as Split };
}

export interface MetricKey {
  kind: string;
  /** As it stands in the logs. */
  key: string;
  metric: string;
  split: Split;
  level: Level;
}

/**
 * Where in the log the metrics of a query stand, each once. `val_loss` asks for the validation half
 * of `loss` alone, and for a metric of that name, which stands there behind another prefix.
 */
export function keysOf({ metrics, split, level }: Pick<SeriesQuery, "metrics" | "split" | "level">): MetricKey[] {
  const keys = new Map<string, MetricKey>();
  const names = metrics.flatMap((name) => {
    const { metric, split: only } = splitKey(name);
    return only === null
      ? [{ metric, only, isPlain: true }]
      : [
          { metric, only, isPlain: true },
          { metric: name, only: null, isPlain: false },
        ];
  });
  for (const { metric, only, isPlain } of names) {
    for (const [kind, plain] of Object.entries(LEVELS)) {
      for (const [prefix, own] of [...(isPlain ? [["", plain.split] as const] : []), ...FORMS]) {
        const found = { kind, key: prefix + metric, metric, split: own, level: plain.level };
        const isAsked = (only ?? own) === own && (split ?? own) === own && (level ?? found.level) === found.level;
        if (isAsked) keys.set(`${kind}\n${found.key}`, found);
      }
    }
  }
  return [...keys.values()];
}
