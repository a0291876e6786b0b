import { RESERVED_KINDS } from "../../functions/event/event.ts";
import type { Client, ClientOptions, Coordinates, EndOptions, Logs, Stop, Summary } from "./client-api.ts";
import { eventId } from "./event-id.ts";
import { exchange } from "./exchange.ts";
import { onExit } from "./exit-drains.ts";
import { LAST_TO_GO, type Outgoing, type Tier } from "./outbox.ts";
import { provenance } from "./provenance.ts";
import { createSender, LONGEST_MS } from "./sender.ts";
import { encodeEvent, nextSeq } from "./wire-event.ts";

export type * from "./client-api.ts";

interface RunState {
  readonly id: string;
  readonly writer: string | undefined;
  readonly onStop: ((stop: Stop) => void) | undefined;
  readonly counts: Omit<Summary, "undelivered"> & { dropsReported: number };
  phase: "new" | "open" | "ended";
  stop: Stop | null;
  /** The server has at least one event of it. */
  known: boolean;
  lastEventAt: number;
  /** When the server last said whether to stop. */
  lastControlAt: number;
  /** Settles when it has been said where the run comes from. */
  origin: Promise<void>;
}

interface How {
  /** It may come after the end of the run. */
  late?: boolean;
  tier?: Tier;
}

/** Throws a TypeError when the address is none or the token is missing; from then on nothing throws. */
export function connect(options: ClientOptions): Client {
  const { token, project, capacity = 10_000, heartbeatMs = 10_000, pollMs = 1_000, timeoutMs = 30_000 } = options;
  const {
    drainMs = 30_000,
    drainOnExit = true,
    onWarn = (message) => console.warn(`integraviz: ${message}`),
  } = options;
  const base = readBaseUrl(options.url);
  if (!token) throw new TypeError("The token is missing: give one with ingest scope.");

  const runs = new Map<string, RunState>();
  const open = new Set<RunState>();
  const warned = new Set<string>();
  const closing = new AbortController();
  let heldUpSince: number | null = null;
  let polling = false;
  let forgetExit: (() => void) | null = null;
  let breathedAt = Number.NEGATIVE_INFINITY;

  const sender = createSender({
    url: `${base}/v1/events`,
    token,
    capacity,
    timeoutMs,
    capacityBytes: options.capacityBytes ?? 64 * 1024 * 1024,
    flushMs: options.flushMs ?? 500,
    batchEvents: options.batchEvents ?? 1_000,
    retryMs: options.retryMs ?? 250,
    maxRetryMs: options.maxRetryMs ?? 10_000,
    onTick() {
      guarded(tick, fault);
      return open.size > 0;
    },
    onTaken: (events, answer) => guarded(() => taken(events, answer), fault),
    onRefused({ run, kind }, why) {
      runs.get(run)!.counts.refused += 1;
      warn(`refused ${kind}`, `an event (${kind}) was refused and is lost: ${why}`);
    },
    onDropped({ run }) {
      runs.get(run)!.counts.dropped += 1;
      const hint =
        heldUpSince === null ? " The server is slower than the run, or its loop never awaits breathe()." : "";
      warn("dropped", `more than ${capacity} events wait to be sent: the oldest points are dropped.${hint}`);
    },
    onHeldUp(why, barred) {
      heldUpSince ??= Date.now();
      const next = barred ? "Nothing can be sent until this is mended" : "Trying again";
      warn("held up", `${base} does not take events: ${why}. ${next}; up to ${capacity} events are kept.`);
    },
  });

  function tick(): void {
    const now = Date.now();
    for (const run of open) {
      reportDrops(run);
      if (now - run.lastEventAt >= heartbeatMs) beat(run);
    }
    const idle = [...open].filter(({ known, lastControlAt }) => known && now - lastControlAt >= pollMs);
    if (!polling && idle.length > 0) guarded(() => poll(idle), fault);
  }

  function taken(events: readonly Outgoing[], answer: Record<string, unknown>): void {
    if (heldUpSince !== null) {
      warn(null, `${base} takes events again after ${((Date.now() - heldUpSince) / 1000).toFixed(1)} s.`);
      heldUpSince = null;
      for (const once of ["held up", "dropped"]) warned.delete(once);
    }
    const purged = new Set(Array.isArray(answer.purged) ? answer.purged : []);
    for (const event of events) {
      const run = runs.get(event.run)!;
      run.known = true;
      if (purged.size === 0 || !purged.has(JSON.parse(event.text).event_id)) run.counts.delivered += 1;
      else {
        run.counts.refused += 1;
        warn(`purged ${event.run}`, `run ${event.run} was purged: none of its events is stored any more.`);
      }
    }
    const control = (answer.control ?? {}) as Record<string, { stop?: unknown } | null | undefined>;
    for (const run of open) setStop(run, control[run.id]);
  }

  /** Says it at most once, unless `once` is null. */
  function warn(once: string | null, message: string): void {
    if (once !== null && warned.has(once)) return;
    if (once !== null) warned.add(once);
    // Where that fails there is nobody left to tell.
    guarded(
      () => onWarn(message),
      () => {},
    );
  }

  /** What failed is the client's own. */
  function fault(error: unknown): void {
    warn("fault", `the client has a fault, and goes on: ${toReason(error)}`);
  }

  function log(run: RunState, kind: string, at?: Coordinates, logs?: Logs, how?: How): void {
    guarded(
      () => write(run, kind, at, logs, how),
      (error) => warn("unwritten", `an event (${String(kind)}) can't be written and is not sent: ${toReason(error)}`),
    );
  }

  function write(run: RunState, kind: string, at: Coordinates = {}, logs?: Logs, how: How = {}): void {
    if (closing.signal.aborted || (run.phase === "ended" && !how.late)) {
      warn("ended", `an event (${kind}) came after the end of run ${run.id} and is not sent.`);
    } else if (RESERVED_KINDS.has(kind)) {
      warn(`reserved ${kind}`, `only the server writes events of kind ${kind}: it is not sent.`);
    } else {
      const now = Date.now();
      const { epoch, step, batch } = at;
      const { text, lost } = encodeEvent({
        project,
        run_id: run.id,
        event_id: eventId(now),
        writer: run.writer,
        seq: nextSeq(now),
        kind,
        epoch,
        step,
        batch,
        created_at: new Date(now).toISOString(),
        logs,
      });
      if (lost.length > 0) warn(`lost ${kind}`, `${lost.join(", ")} of ${kind} can't be JSON and is left out.`);
      run.lastEventAt = now;
      sender.add(run.id, kind, text, how.tier);
      if (!how.late) watchExit();
    }
  }

  function beat(run: RunState): void {
    log(run, "heartbeat", {}, { interval_s: heartbeatMs / 1000 });
  }

  /** Beside the training: git takes its time, and the run may have ended when it answers. */
  async function sayOrigin(run: RunState): Promise<void> {
    const found = await provenance();
    if (!closing.signal.aborted) log(run, "tags", {}, { provenance: found }, { late: true });
  }

  function reportDrops(run: RunState): void {
    const { counts } = run;
    const dropped = counts.dropped - counts.dropsReported;
    if (dropped === 0) return;
    counts.dropsReported = counts.dropped;
    log(run, "system", {}, { dropped }, { tier: LAST_TO_GO });
  }

  /** Asks what was asked of runs that send nothing just now: training may be silent from epoch to epoch. */
  async function poll(idle: RunState[]): Promise<void> {
    polling = true;
    try {
      for (const run of idle) {
        const query = project === undefined ? "" : `?project=${encodeURIComponent(project)}`;
        const url = `${base}/v1/runs/${encodeURIComponent(run.id)}/control${query}`;
        const patience = Math.min(timeoutMs, 5_000);
        const outcome = await exchange(url, { token, timeoutMs: patience, signal: closing.signal });
        run.lastControlAt = Date.now();
        if (outcome.kind === "taken") setStop(run, outcome.answer);
      }
    } finally {
      polling = false;
    }
  }

  /** Null does not take a request back: that answer may be older than the one before it. */
  function setStop(run: RunState, control: { stop?: unknown } | null | undefined): void {
    if (!control) return;
    run.lastControlAt = Date.now();
    const { event_id, actor, reason, at } = (control.stop ?? {}) as Partial<Record<keyof Stop, unknown>>;
    if (typeof event_id !== "string" || run.stop?.event_id === event_id || run.phase !== "open") return;
    const stop: Stop = { event_id, actor: textOrNull(actor), reason: textOrNull(reason), at: textOrNull(at) ?? "" };
    run.stop = stop;
    guarded(
      () => run.onStop?.(stop),
      (error) => warn(null, `onStop of run ${run.id} failed: ${toReason(error)}`),
    );
  }

  async function end(run: RunState, { status = "finished", logs, deadlineMs = drainMs }: EndOptions): Promise<Summary> {
    if (run.phase !== "ended") {
      reportDrops(run);
      log(run, "on_train_end", {}, { ...logs, status });
      run.phase = "ended";
      open.delete(run);
    }
    const begun = performance.now();
    await within(run.origin, deadlineMs);
    await sender.drain(Math.max(0, deadlineMs - (performance.now() - begun)));
    if (open.size === 0) forgetExit?.();
    const summary = summarize([run]);
    const { undelivered } = summary;
    if (undelivered > 0) warn(null, `${undelivered} events of run ${run.id} were not delivered to ${base}.`);
    return summary;
  }

  function summarize(some: Iterable<RunState>): Summary {
    const sum: Summary = { delivered: 0, dropped: 0, refused: 0, undelivered: 0 };
    const unsent = sender.unsent();
    for (const { id, counts } of some) {
      sum.delivered += counts.delivered;
      sum.dropped += counts.dropped;
      sum.refused += counts.refused;
      sum.undelivered += unsent.filter(({ run }) => run === id).length;
    }
    return sum;
  }

  function watchExit(): void {
    if (!drainOnExit || forgetExit) return;
    const forget = onExit(async (signal) => {
      if (signal === null) return sender.drain(drainMs);
      // The signal is about to end the process and the runs with it: they are not lost without a word.
      const last = { status: "stopped", logs: { reason: signal }, deadlineMs: Math.min(5_000, drainMs) } as const;
      await Promise.all([sender.drain(last.deadlineMs), ...[...open].map((run) => end(run, last))]);
    });
    forgetExit = () => {
      forget();
      forgetExit = null;
    };
  }

  return {
    run({ id = eventId(), name, params, tags, writer, onStop } = {}) {
      const counts = runs.get(id)?.counts ?? { delivered: 0, dropped: 0, refused: 0, dropsReported: 0 };
      const fresh = { phase: "new", stop: null, known: false, lastEventAt: 0, lastControlAt: 0 } as const;
      const run: RunState = { id, writer, onStop, counts, ...fresh, origin: Promise.resolve() };
      runs.set(id, run);
      const logAt = (kind: string) => (at: Coordinates, logs?: Logs) => log(run, kind, at, logs);
      return {
        id,
        get stopRequested() {
          return run.stop;
        },
        begin(logs) {
          run.phase = "open";
          open.add(run);
          log(run, "on_train_begin", {}, logs);
          if (params && Object.keys(params).length > 0) log(run, "params", {}, params);
          const named = name === undefined ? { ...tags } : { name, ...tags };
          if (Object.keys(named).length > 0) log(run, "tags", {}, named);
          if (options.provenance ?? true) run.origin = sayOrigin(run);
          beat(run);
          sender.flush();
        },
        params: (values) => log(run, "params", {}, values),
        tags: (values) => log(run, "tags", {}, values),
        epochBegin: logAt("on_epoch_begin"),
        epochEnd: logAt("on_epoch_end"),
        batchEnd: logAt("on_train_batch_end"),
        testBatchEnd: logAt("on_test_batch_end"),
        system: (logs) => log(run, "system", {}, logs),
        event: (kind, at, logs) => log(run, kind, at, logs),
        end: (endOptions = {}) => end(run, endOptions),
      };
    },
    async breathe(ms = 20) {
      const patience = Math.min(ms, (performance.now() - breathedAt) / 10);
      await new Promise((resolve) => setImmediate(resolve));
      // Node's timers know no less than 1 ms.
      if (sender.request !== null && patience >= 1) await within(sender.request, patience);
      breathedAt = performance.now();
    },
    undelivered: () =>
      sender
        .unsent()
        .map(({ text }) => `${text}\n`)
        .join(""),
    close() {
      closing.abort();
      sender.close();
      forgetExit?.();
      return summarize(runs.values());
    },
  };
}

function readBaseUrl(url: string): string {
  if (!URL.canParse(url) || !/^https?:/.test(url)) {
    throw new TypeError(`${JSON.stringify(url)} is no address: give one such as http://127.0.0.1:4080.`);
  }
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
}

const textOrNull = (value: unknown): string | null => (typeof value === "string" ? value : null);

const toReason = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Keeps what fails, now or later, away from the training. */
function guarded(call: () => unknown, tell: (error: unknown) => void): void {
  try {
    const done = call();
    if (done instanceof Promise) done.catch(tell);
  } catch (error) {
    tell(error);
  }
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
