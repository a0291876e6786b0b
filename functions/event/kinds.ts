import { RESERVED_KINDS } from "./event.ts";

/** What an event of a kind says, and the fields of its logs that mean something to the server. */
export interface Kind {
  says: string;
  fields?: Readonly<Record<string, string>>;
}

const METRICS =
  "any number by name; the split before it as `val_`, `validation_`, `eval_`, `test_`, `train_`, or with `/`";

/**
 * The vocabulary: docs/send.md and the OpenAPI description list it. Any other name is kept as well,
 * and means nothing here.
 */
export const KINDS: Readonly<Record<string, Kind>> = {
  on_train_begin: { says: "The run begins, or goes on." },
  on_train_end: {
    says: "The run has ended.",
    fields: { status: "`finished` (default), `failed` or `stopped`", error: "the last line of a traceback" },
  },
  on_epoch_begin: { says: "An epoch begins." },
  on_epoch_end: { says: "Metrics of an epoch.", fields: { NAME: METRICS } },
  on_train_batch_begin: { says: "A batch of training begins." },
  on_train_batch_end: { says: "Metrics of one batch of training.", fields: { NAME: METRICS } },
  on_test_begin: { says: "A validation or test begins." },
  on_test_end: { says: "A validation or test has ended." },
  on_test_batch_begin: { says: "A batch of validation begins." },
  on_test_batch_end: {
    says: "Metrics of one batch of validation.",
    fields: { NAME: "as above; of the split validation where none stands before it" },
  },
  on_predict_begin: { says: "A prediction begins." },
  on_predict_end: { says: "A prediction has ended." },
  on_predict_batch_begin: { says: "A batch of prediction begins." },
  on_predict_batch_end: { says: "A batch of prediction has ended." },
  metrics: {
    says: "Metrics, plainly: `step` or `epoch`, `split` and `values` beside `kind`, no logs. Stored as on_epoch_end where there is an epoch and no step, else as on_train_batch_end.",
    fields: {},
  },
  params: { says: "What the run was given.", fields: { NAME: "any JSON; the last value wins, null removes it" } },
  tags: {
    says: "Labels.",
    fields: {
      NAME: "any JSON; the last value wins, null removes it",
      name: "what the run is called",
      note: "text beside it",
      archived: "true: out of the list",
      group: "runs that belong together",
      provenance: "where it comes from (docs/provenance.md)",
    },
  },
  define: {
    says: "Which value of a metric is the best.",
    fields: { metric: "its name, without a split", best: "`min` or `max`" },
  },
  system: {
    says: "Of the machine.",
    fields: { NAME: "any number by name", dropped: "events that the client had to drop" },
  },
  heartbeat: { says: "The run lives.", fields: { interval_s: "seconds until the next" } },
  console: { says: "What the process printed.", fields: { stream: "`stdout` or `stderr`", text: "whole lines" } },
  image: {
    says: "A picture, or where it is.",
    fields: { name: "", mime: "", data: "base64, up to 256 kB", reference: "path or URL", caption: "" },
  },
  histogram: {
    says: "How numbers are distributed.",
    fields: { name: "", counts: "of each bin", edges: "one more than counts" },
  },
  checkpoint: {
    says: "A file that was written.",
    fields: { path: "or url", sha256: "", bytes: "" },
  },
  adjust_applied: {
    says: "What was asked for is set.",
    fields: { adjust_event_id: "of the request", name: "", value: "as asked", applied: "as it was read back" },
  },
  adjust_refused: {
    says: "What was asked for is not set.",
    fields: { adjust_event_id: "of the request", name: "", value: "as asked", why: "" },
  },
  trial: { says: "A trial of a search.", fields: { number: "", params: "", values: "", state: "" } },
};

/** Whether events of a kind mean something here, be it only to the server. */
export const isKnownKind = (kind: string): boolean => Object.hasOwn(KINDS, kind) || RESERVED_KINDS.has(kind);

/** The vocabulary as a table of Markdown. */
export function toKindsTable(): string {
  const rows = Object.entries(KINDS).map(([kind, { says, fields = {} }]) => {
    const told = Object.entries(fields).map(([name, text]) => (text === "" ? `\`${name}\`` : `\`${name}\`: ${text}`));
    return `| \`${kind}\` | ${says} | ${told.join("; ")} |`;
  });
  return ["| kind | says | fields of its logs |", "| --- | --- | --- |", ...rows].join("\n");
}
