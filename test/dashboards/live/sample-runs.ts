import type { Logged } from "./data/fake-log.ts";

export interface Sample {
  run: string;
  name?: string;
  note?: string;
  params: Record<string, unknown>;
  epochs: number;
  /** Batches of one epoch. */
  batches: number;
  /** ms since 1970 of the first event. */
  start: number;
  /** How the run ends; left out while it trains. */
  end?: "finished" | "failed" | "stopped";
  /** The loss is NaN from this epoch on. */
  breaksAt?: number;
}

const EPOCH_MS = 8_000;

/** The events of one training: curves that look like learning, the same at every call. */
export function sampleRun(sample: Sample): Logged[] {
  const { run, start } = sample;
  const tags = {
    ...(sample.name ? { name: sample.name } : {}),
    ...(sample.note ? { note: sample.note } : {}),
    data: "generated digits",
  };
  const events: Logged[] = [
    { run, kind: "on_train_begin", at: start, logs: {} },
    { run, kind: "params", at: start, logs: sample.params },
    { run, kind: "tags", at: start, logs: tags },
  ];
  for (let epoch = 0; epoch < sample.epochs; epoch++) events.push(...sampleEpoch(sample, epoch));
  const at = start + sample.epochs * EPOCH_MS;
  if (sample.end) events.push({ run, kind: "on_train_end", at, logs: { status: sample.end } });
  return events;
}

export function sampleEpoch(sample: Sample, epoch: number): Logged[] {
  const { run, start, batches } = sample;
  const events: Logged[] = [];
  for (let batch = 0; batch < batches; batch++) {
    const progress = epoch + (batch + 1) / batches;
    const at = start + (progress - 0.1) * EPOCH_MS;
    const step = epoch * batches + batch;
    events.push({
      run,
      kind: "on_train_batch_end",
      at,
      epoch,
      step,
      batch,
      logs: valuesAt(sample, progress, epoch, step),
    });
  }
  const train = valuesAt(sample, epoch + 1, epoch, -epoch);
  const validation = valuesAt(sample, (epoch + 1) * 0.9, epoch, epoch * 7 + 3);
  const at = start + (epoch + 1) * EPOCH_MS;
  const logs = { ...train, val_loss: validation.loss, val_accuracy: validation.accuracy };
  events.push({ run, kind: "on_epoch_end", at, epoch, step: (epoch + 1) * batches - 1, logs });
  return events;
}

function valuesAt({ run, params, breaksAt }: Sample, progress: number, epoch: number, salt: number) {
  const rate = 0.25 + 60 * Number(params.learning_rate ?? 0.005);
  const wobble = (noise(`${run} ${salt}`) - 0.5) * 0.12;
  const loss = 2.3 * Math.exp(-rate * progress * 1.4) * (1 + wobble) + 0.04 + 0.02 * noise(run);
  const accuracy = Math.min(0.999, 1 - 0.9 * Math.exp(-rate * progress * 1.7) * (1 + wobble) - 0.012 * noise(run));
  if (breaksAt !== undefined && epoch >= breaksAt) return { loss: { $num: "NaN" }, accuracy: 0.1 };
  return { loss, accuracy };
}

/** 0 to 1, the same for the same text. */
function noise(text: string): number {
  let value = 2166136261;
  for (const char of text) value = Math.imul(value ^ char.charCodeAt(0), 16777619) >>> 0;
  value = Math.imul(value ^ (value >>> 15), 2246822519) >>> 0;
  return ((value ^ (value >>> 13)) >>> 0) / 2 ** 32;
}

/** Seven runs that ended in several ways, an hour apart, the last one a quarter of an hour ago. */
export function sampleSweep(now: number, epochs = 12): Sample[] {
  const rates = [0.001, 0.003, 0.01];
  return Array.from({ length: 7 }, (_, i) => ({
    run: `0198c7d2-5b1e-7${i}a4-9c3f-4be2d1f0a6${i}${i}`,
    name: `convnet-${i + 1}`,
    params: { learning_rate: rates[i % 3], batch_size: i % 2 ? 128 : 64, epochs, optimizer: "adam", seed: i },
    epochs: i === 4 ? 6 : epochs,
    batches: 16,
    start: now - (7 - i) * 3_600_000 + 2_700_000,
    end: i === 3 ? ("failed" as const) : i === 4 ? ("stopped" as const) : ("finished" as const),
    ...(i === 3 ? { breaksAt: 7, note: "Diverged: the rate was too high for this seed." } : {}),
  }));
}

export const liveSample = (now: number): Sample => ({
  run: "0198c7e9-77aa-7c10-8f52-1d2f3c4b5a69",
  name: "convnet-8",
  params: { learning_rate: 0.003, batch_size: 128, epochs: 15, optimizer: "adam", seed: 8 },
  epochs: 4,
  batches: 16,
  start: now - 34_000,
});
