import { send } from "./live.ts";
import { noisyMetrics } from "./noisy-metrics.ts";

export const STEPS = 10_000;
export const METRICS = 5;
const EPOCH = 500;
const REQUEST = 1_000;
/** Runs that are sent beside each other. */
const BESIDE = 5;
/** 2026-01-01 UTC, in ms; runs begin a minute apart. */
const BEGUN = 1_767_225_600_000;

export const nameOf = (run: number): string => `run-${run.toString().padStart(5, "0")}`;

interface Fill {
  project?: string;
  /** Runs by number: from this one, up to before that one. */
  from: number;
  to: number;
  /** Told how many runs are sent. */
  onRuns?: (done: number) => void;
}

/** Sends whole runs, each with its beginning, params, steps, epochs and end. */
export async function fillScaleRuns(
  target: { url: string; token: string },
  { project = "default", from, to, onRuns = () => {} }: Fill,
): Promise<void> {
  let [next, done] = [from, 0];
  const sender = async () => {
    while (next < to) {
      const run = next++;
      for (let step = 0; step < STEPS; step += REQUEST) await send(target, eventsOf(project, run, step));
      onRuns(++done);
    }
  };
  await Promise.all(Array.from({ length: BESIDE }, sender));
}

function eventsOf(project: string, run: number, from: number): object[] {
  const events: object[] = [];
  const add = (kind: string, step: number, more: object) =>
    events.push({
      project,
      run_id: nameOf(run),
      event_id: `${nameOf(run)}-${step.toString().padStart(5, "0")}-${kind}`,
      writer: "0",
      kind,
      created_at: new Date(BEGUN + run * 60_000 + step * 100).toISOString(),
      ...more,
    });
  if (from === 0) {
    add("params", 0, { logs: { lr: 0.001, epochs: STEPS / EPOCH } });
    add("on_train_begin", 0, { logs: {} });
  }
  for (let step = from; step < from + REQUEST; step++) {
    const logs = noisyMetrics(run, step);
    const epoch = Math.floor(step / EPOCH);
    add("on_train_batch_end", step, { step, epoch, batch: step % EPOCH, logs });
    if (step % EPOCH === EPOCH - 1)
      add("on_epoch_end", step, { step, epoch, logs: { ...logs, val_loss: 1.1 * logs.loss } });
  }
  if (from + REQUEST === STEPS) add("on_train_end", STEPS, { logs: { status: "finished" } });
  return events;
}
