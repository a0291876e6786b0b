import type { Client, ClientOptions, Coordinates, EndOptions, Logs, Run, RunOptions, Summary } from "./client-api.ts";
import { DEFAULTS } from "./defaults.ts";
import type { Outgoing } from "./delivery/outbox.ts";
import { refusalText } from "./delivery/request.ts";
import { createSender, LONGEST_MS, type Sender } from "./delivery/sender.ts";
import { eventId } from "./event-id.ts";
import { onExit } from "./exit-drains.ts";
import { noCounts, RunLog, type Told } from "./run-log.ts";
import { StopPoll } from "./stop-poll.ts";
import { Warnings } from "./warnings.ts";

/**
 * Creates a client. Nothing is sent before the first event, and nothing is checked over the
 * network.
 *
 * @throws {TypeError} when `url` is no http(s) address or `token` is empty; from then on nothing
 * throws
 */
export function connect(options: ClientOptions): Client {
  return new Connection(options);
}

type Settings = typeof DEFAULTS & ClientOptions;

/** A server may hold a run up no longer than that when a signal is about to end the process, ms. */
const SIGNAL_DRAIN_MS = 5_000;
/** Longest wait of `breathe()` unless it is told otherwise, ms. */
const BREATH_MS = 20;

class Connection implements Client {
  readonly #settings: Settings;
  readonly #base: string;
  readonly #warnings: Warnings;
  readonly #sender: Sender;
  readonly #poll: StopPoll;
  readonly #closing = new AbortController();
  readonly #runs = new Map<string, RunLog>();
  readonly #open = new Set<RunLog>();
  #heldUpSince: number | null = null;
  #forgetExit: (() => void) | null = null;
  #breathedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ClientOptions) {
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    this.#settings = { ...DEFAULTS, ...(Object.fromEntries(given) as unknown as ClientOptions) } as Settings;
    const { token, project, pollMs, timeoutMs, onWarn = printWarning } = this.#settings;
    this.#base = readBaseUrl(options.url);
    if (!token) throw new TypeError("The token is missing: give one with ingest scope.");
    this.#warnings = new Warnings(onWarn);
    this.#sender = this.#createSender();
    const signal = this.#closing.signal;
    this.#poll = new StopPoll({ base: this.#base, token, project, pollMs, timeoutMs, signal });
  }

  run({ id = eventId(), name, params, tags, writer, onStop }: RunOptions = {}): Run {
    const counts = this.#runs.get(id)?.counts ?? noCounts();
    const log = new RunLog(this.#runContext(), { id, writer, onStop }, counts);
    this.#runs.set(id, log);
    const logAt = (kind: string) => (at: Coordinates, logs?: Logs) => log.log(kind, at, logs);
    return {
      id,
      get stopRequested() {
        return log.stop;
      },
      begin: (logs) => this.#begin(log, { name, params, tags }, logs),
      log: (values, at) => log.logMetrics(values, at),
      params: (values) => log.log("params", {}, values),
      tags: (values) => log.log("tags", {}, values),
      epochBegin: logAt("on_epoch_begin"),
      epochEnd: logAt("on_epoch_end"),
      batchEnd: logAt("on_train_batch_end"),
      testBatchEnd: logAt("on_test_batch_end"),
      requested: (name) => log.adjustments.requested(name),
      applied: (name, value, at) => log.adjustments.applied(name, value, at),
      refused: (name, why, at) => log.adjustments.refused(name, why, at),
      system: (logs) => log.log("system", {}, logs),
      event: (kind, at, logs) => log.log(kind, at, logs),
      end: (endOptions = {}) => this.#end(log, endOptions),
    };
  }

  async breathe(ms = BREATH_MS): Promise<void> {
    const patience = Math.min(ms, (performance.now() - this.#breathedAt) / 10);
    await new Promise((resolve) => setImmediate(resolve));
    const { request } = this.#sender;
    // Node's timers know no less than 1 ms.
    if (request !== null && patience >= 1) await within(request, patience);
    this.#breathedAt = performance.now();
  }

  undelivered(): string {
    const unsent = this.#sender.unsent();
    return unsent.map(({ text }) => `${text}\n`).join("");
  }

  close(): Summary {
    this.#closing.abort();
    this.#sender.close();
    this.#forgetExit?.();
    return this.#summarize(this.#runs.values());
  }

  #createSender(): Sender {
    const { token, capacity, capacityBytes, flushMs, batchEvents, timeoutMs, retryMs, maxRetryMs } = this.#settings;
    return createSender({
      url: `${this.#base}/v1/events`,
      ...{ token, capacity, capacityBytes, flushMs, batchEvents, timeoutMs, retryMs, maxRetryMs },
      onTick: () => {
        this.#warnings.guard(() => this.#tick());
        return this.#open.size > 0;
      },
      untilDue: () => this.#poll.untilDue(this.#open),
      onTaken: (events, answer) => this.#warnings.guard(() => this.#taken(events, answer)),
      onRefused: (event, why) => this.#refused(event, why),
      onDropped: ({ run }) => this.#dropped(run),
      onHeldUp: (why, barred) => this.#heldUp(why, barred),
    });
  }

  #runContext() {
    const { project, heartbeatMs } = this.#settings;
    return {
      project,
      heartbeatMs,
      sender: this.#sender,
      warnings: this.#warnings,
      isClosed: () => this.#closing.signal.aborted,
      onWrite: () => this.#watchExit(),
    };
  }

  #begin(log: RunLog, { name, params, tags }: Pick<RunOptions, "name" | "params" | "tags">, logs?: Logs): void {
    log.phase = "open";
    this.#open.add(log);
    log.log("on_train_begin", {}, logs);
    if (params && Object.keys(params).length > 0) log.log("params", {}, params);
    const named = name === undefined ? { ...tags } : { name, ...tags };
    if (Object.keys(named).length > 0) log.log("tags", {}, named);
    if (this.#settings.provenance) log.sayOrigin();
    log.beat();
    this.#sender.flush();
  }

  async #end(log: RunLog, { status, logs, deadlineMs = this.#settings.drainMs }: EndOptions) {
    if (log.phase !== "ended") {
      log.reportDrops();
      log.adjustments.refuseAll("the training ended before it was set");
      log.log("on_train_end", {}, { ...logs, status: status ?? (log.stop === null ? "finished" : "stopped") });
      log.phase = "ended";
      this.#open.delete(log);
    }
    const begun = performance.now();
    await within(log.origin, deadlineMs);
    await this.#sender.drain(Math.max(0, deadlineMs - (performance.now() - begun)));
    if (this.#open.size === 0) this.#forgetExit?.();
    const summary = this.#summarize([log]);
    const { undelivered } = summary;
    if (undelivered > 0)
      this.#warnings.tell(`${undelivered} events of run ${log.id} were not delivered to ${this.#base}.`);
    return summary;
  }

  #tick(): void {
    const now = Date.now();
    for (const log of this.#open) log.tick(now);
    this.#warnings.guard(() => this.#poll.ask(this.#open));
  }

  #taken(events: readonly Outgoing[], answer: Record<string, unknown>): void {
    this.#passed();
    const purged = new Set(Array.isArray(answer.purged) ? answer.purged : []);
    for (const event of events) {
      const log = this.#runs.get(event.run)!;
      log.isKnown = true;
      if (purged.size === 0 || !purged.has(JSON.parse(event.text).event_id)) log.counts.delivered += 1;
      else {
        log.counts.refused += 1;
        this.#warnings.once(
          `purged ${event.run}`,
          `run ${event.run} was purged: none of its events is stored any more.`,
        );
      }
    }
    this.#passOn(answer.warnings);
    const control = (answer.control ?? {}) as Record<string, Told | null | undefined>;
    for (const log of this.#open) log.setControl(control[log.id]);
  }

  /** What the server says of values that make no metric, each once. */
  #passOn(warnings: unknown): void {
    for (const warning of Array.isArray(warnings) ? warnings : []) {
      const text = typeof warning === "string" ? warning : refusalText(warning);
      if (text !== "") this.#warnings.once(`server ${text}`, text);
    }
  }

  #refused({ run, kind }: Outgoing, why: string): void {
    this.#runs.get(run)!.counts.refused += 1;
    this.#warnings.once(`refused ${kind}`, `an event (${kind}) was refused and is lost: ${why}`);
  }

  #dropped(run: string): void {
    this.#runs.get(run)!.counts.dropped += 1;
    const isSlow = this.#heldUpSince === null;
    const hint = isSlow ? " The server is slower than the run, or its loop never awaits breathe()." : "";
    this.#warnings.once(
      "dropped",
      `more than ${this.#settings.capacity} events wait to be sent: the oldest points are dropped.${hint}`,
    );
  }

  #heldUp(why: string, barred: boolean): void {
    this.#heldUpSince ??= Date.now();
    const next = barred ? "Nothing can be sent until this is mended" : "Trying again";
    const kept = `up to ${this.#settings.capacity} events are kept`;
    this.#warnings.once("held up", `${this.#base} does not take events: ${why}. ${next}; ${kept}.`);
  }

  /** Tells of the end of a time in which nothing came through. */
  #passed(): void {
    if (this.#heldUpSince === null) return;
    const seconds = ((Date.now() - this.#heldUpSince) / 1000).toFixed(1);
    this.#warnings.tell(`${this.#base} takes events again after ${seconds} s.`);
    this.#heldUpSince = null;
    this.#warnings.forget("held up", "dropped");
  }

  #summarize(logs: Iterable<RunLog>): Summary {
    const sum: Summary = { delivered: 0, dropped: 0, refused: 0, undelivered: 0 };
    const unsent = this.#sender.unsent();
    for (const { id, counts } of logs) {
      sum.delivered += counts.delivered;
      sum.dropped += counts.dropped;
      sum.refused += counts.refused;
      sum.undelivered += unsent.filter(({ run }) => run === id).length;
    }
    return sum;
  }

  #watchExit(): void {
    const { drainOnExit, drainMs } = this.#settings;
    if (!drainOnExit || this.#forgetExit) return;
    const forget = onExit(async (signal) => {
      if (signal === null) return this.#sender.drain(drainMs);
      // The signal is about to end the process and the runs with it: they are not lost without a
      // word.
      const deadlineMs = Math.min(SIGNAL_DRAIN_MS, drainMs);
      const last = { status: "stopped", logs: { reason: signal }, deadlineMs } as const;
      await Promise.all([this.#sender.drain(deadlineMs), ...[...this.#open].map((log) => this.#end(log, last))]);
    });
    this.#forgetExit = () => {
      forget();
      this.#forgetExit = null;
    };
  }
}

const printWarning = (message: string): void => console.warn(`integraviz: ${message}`);

function readBaseUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new TypeError(`${JSON.stringify(url)} is no address: give one such as http://127.0.0.1:4080.`);
  }
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}

/** Waits for it, so many ms at the most. */
async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise((resolve) => {
    timer = setTimeout(resolve, Math.min(ms, LONGEST_MS));
  });
  await Promise.race([promise, enough]);
  clearTimeout(timer);
}
