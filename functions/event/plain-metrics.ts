import { Refusal } from "../refusals/refusal.ts";
import { splitKey } from "../stores/metric-keys.ts";
import type { Split } from "../stores/store.ts";
import { typeName } from "./values.ts";

/**
 * The kind in which people say metrics plainly: `{kind: "metrics", step | epoch, split, values}`.
 */
export const PLAIN_METRICS = "metrics";

const PREFIX: Readonly<Record<Split, string>> = { train: "", validation: "val_", test: "test_" };

type Fields = Record<string, unknown>;

/**
 * The callback's event that says the same. A name that says its split already keeps it. Values may
 * stand in `logs`, as with any other kind.
 */
export function fromPlainMetrics(fields: Fields, prefix: string): Fields {
  const { split, values, ...rest } = fields;
  if (values === undefined && split === undefined) return { ...rest, kind: kindOf(rest) };
  if (values === undefined || rest.logs !== undefined) refuse(`${prefix}values`, "has to hold the metrics", values);
  if (typeof values !== "object" || values === null || Array.isArray(values))
    refuse(`${prefix}values`, "is not a JSON object", values);
  if (split !== undefined && !(typeof split === "string" && Object.hasOwn(PREFIX, split)))
    refuse(`${prefix}split`, "is none of train, validation and test", split);
  const before = PREFIX[(split ?? "train") as Split];
  const logs = Object.entries(values as Fields).map(([name, value]) => [
    before === "" || splitKey(name).split !== null ? name : before + name,
    value,
  ]);
  return { ...rest, kind: kindOf(rest), logs: Object.fromEntries(logs) };
}

const isThere = (value: unknown): boolean => value !== undefined && value !== null;
const kindOf = ({ step, epoch }: Fields): string =>
  isThere(epoch) && !isThere(step) ? "on_epoch_end" : "on_train_batch_end";

function refuse(field: string, problem: string, value: unknown): never {
  throw new Refusal("invalid-metrics", `${field} ${problem}.`, { field, found: typeName(value) });
}
