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
 * What stands before a metric's name in the logs: Keras puts `val_` before what was measured on
 * validation data.
 */
export const FORMS = { plain: "", validation: "val_", test: "test_" } as const;
export type Form = keyof typeof FORMS;

export interface MetricKey {
  kind: string;
  form: Form;
  metric: string;
  split: Split;
  level: Level;
}

/**
 * Where in the log the metrics of a query stand. `val_loss` asks for the validation half of `loss`
 * alone.
 */
export function keysOf({ metrics, split, level }: Pick<SeriesQuery, "metrics" | "split" | "level">): MetricKey[] {
  return metrics.flatMap((name) => {
    const { metric, only } = unprefixed(name);
    return Object.entries(LEVELS).flatMap(([kind, plain]) =>
      (Object.keys(FORMS) as Form[])
        .map((form) => ({ kind, form, metric, level: plain.level, split: form === "plain" ? plain.split : form }))
        .filter(
          (key) =>
            (only === undefined || key.split === only) &&
            (split === undefined || key.split === split) &&
            (level === undefined || key.level === level),
        ),
    );
  });
}

function unprefixed(name: string): { metric: string; only?: Split } {
  for (const form of ["validation", "test"] as const) {
    const prefix = FORMS[form];
    if (name.startsWith(prefix) && name.length > prefix.length)
      return { metric: name.slice(prefix.length), only: form };
  }
  return { metric: name };
}
