import { directionOf } from "../../../../dashboards/live/data/metric-names.ts";
import type { RunWithSummary, StreamedEvent, Summary } from "../../../../functions/stores/store.ts";

export const streamedEvent = (event: Partial<StreamedEvent>): StreamedEvent => ({
  run: "a",
  event_id: "e",
  kind: "on_epoch_end",
  writer: "",
  seq: 1,
  actor: null,
  epoch: null,
  step: null,
  batch: null,
  at: Date.UTC(2026, 10, 24, 12),
  logs: null,
  ...event,
});

export const runOf = (run: Partial<RunWithSummary>): RunWithSummary => ({
  project: "p",
  run: "a",
  name: run.run ?? "a",
  state: "finished",
  started_at: "2026-11-24T12:00:00Z",
  ended_at: null,
  last_event_at: "2026-11-24T12:00:00Z",
  note: null,
  archived: false,
  params: {},
  tags: {},
  summary: [],
  ...run,
});

export const rowOf = (row: Partial<Summary>): Summary => ({
  metric: "loss",
  split: "train",
  level: "epoch",
  points: 1,
  first: 1,
  last: 1,
  best: 1,
  min: 1,
  max: 1,
  lower_is_better: directionOf(row.metric ?? "loss"),
  ...row,
});
