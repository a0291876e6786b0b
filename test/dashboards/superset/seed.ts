/** Three runs in two projects, with values that no chart can draw. */
import type { Endpoint } from "../../../embedded/stack.ts";

const EPOCHS = 13;
const RUNS = ["run-a", "run-b", "run-c"];

export async function seedRuns(endpoint: Endpoint): Promise<void> {
  const events = RUNS.flatMap((run, nth) => {
    const start = Date.now() - 3_600_000 + nth * 600_000;
    const event = (kind: string, logs: object, second: number, more: object = {}) => ({
      project: nth === 2 ? "secret" : "demo",
      run_id: run,
      event_id: `${run}-${kind}-${second}`,
      kind,
      created_at: new Date(start + second * 1000).toISOString(),
      logs,
      ...more,
    });
    const provenance = { user: "ann", host: "box", git_commit: "abc", git_dirty: true, command: "train.py" };
    const odd = (epoch: number): unknown =>
      nth === 1 ? { 5: { $num: "NaN" }, 7: { $num: "Infinity" }, 12: { $num: "-Infinity" } }[epoch] : undefined;
    return [
      event("on_train_begin", {}, 0),
      event("params", { learning_rate: 0.1 * (nth + 1), shuffled: true }, 1),
      event("tags", { name: `Run ${nth}`, provenance }, 2),
      ...Array.from({ length: EPOCHS }, (_, epoch) =>
        event(
          "on_epoch_end",
          {
            accuracy: 1 - 1 / (epoch + 2 + nth),
            val_accuracy: 1 - 1.3 / (epoch + 2 + nth),
            loss: odd(epoch) ?? 2 / (epoch + 1),
            val_loss: odd(epoch) ?? 2.2 / (epoch + 1),
          },
          10 + epoch * 8,
          { epoch },
        ),
      ),
      ...(nth === 2 ? [] : [event("on_train_end", { status: "finished" }, 200)]),
    ];
  });
  await post(endpoint, "/v1/events", endpoint.token, { events });
  const stop = { reason: "seen enough" };
  await post(endpoint, "/v1/runs/run-c/stop?project=secret", endpoint.readToken, stop);
}

/** A run of so many epochs that its lines are thinned. */
export async function seedLongRun(endpoint: Endpoint, epochs: number): Promise<void> {
  const event = (epoch: number) => ({
    project: "demo",
    run_id: "run-long",
    event_id: `run-long-${epoch}`,
    kind: "on_epoch_end",
    epoch,
    logs: { loss: Math.abs(Math.sin(epoch * 7.1)) * (epoch === 777 ? 9 : 1), val_loss: 1 / (epoch + 1) },
  });
  for (let from = 0; from < epochs; from += 500) {
    const events = Array.from({ length: Math.min(500, epochs - from) }, (_, more) => event(from + more));
    await post(endpoint, "/v1/events", endpoint.token, { events });
  }
}

/** One more epoch of the run that trains. */
export async function epochEnd(endpoint: Endpoint, { epoch, ...logs }: Record<string, number>): Promise<void> {
  const event = { project: "secret", run_id: "run-c", event_id: `more-${epoch}`, kind: "on_epoch_end", epoch, logs };
  await post(endpoint, "/v1/events", endpoint.token, { events: [event] });
}

async function post({ url }: Endpoint, path: string, token: string, body: object): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = await fetch(`${url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
}
