import { LIMITS, RESERVED_KINDS } from "../../functions/event/event.ts";
import { Adjustments, toAsked } from "./adjustments.ts";
import type { Coordinates, Logs, MetricsAt, Stop, Summary } from "./client-api.ts";
import { LAST_TO_GO, type Tier } from "./delivery/outbox.ts";
import type { Sender } from "./delivery/sender.ts";
import { eventId } from "./event-id.ts";
import { isSplit, isWhole, SPLITS, toMetrics } from "./metrics.ts";
import { provenance } from "./provenance.ts";
import { guarded, toReason, type Warnings } from "./warnings.ts";
import { encodeEvent, nextSeq } from "./wire-event.ts";

/** What all runs of a client share. */
export interface RunLogContext {
  project: string | undefined;
  heartbeatMs: number;
  sender: Sender;
  warnings: Warnings;
  /** Whether the client was closed. */
  isClosed(): boolean;
  /** Called when an event was written that the end of the process must not lose. */
  onWrite(): void;
}

/** Who the run is, and whom to tell of a request to stop. */
export interface RunIdentity {
  id: string;
  writer: string | undefined;
  onStop: ((stop: Stop) => void) | undefined;
}

/** Events of one run id, counted. A run that is begun anew under its id goes on counting. */
export type Counts = Omit<Summary, "undelivered"> & { dropsReported: number };

export const noCounts = (): Counts => ({ delivered: 0, dropped: 0, refused: 0, dropsReported: 0 });

/** What an answer says of a run. */
export interface Told {
  stop?: unknown;
  adjust?: unknown;
}

interface WriteOptions {
  /** It may come after the end of the run. */
  isLate?: boolean;
  tier?: Tier;
}

/**
 * One run as this process writes it: its events, its heartbeats, and what is known of a request to
 * stop.
 */
export class RunLog {
  readonly id: string;
  readonly counts: Counts;
  phase: "new" | "open" | "ended" = "new";
  stop: Stop | null = null;
  /** The server has at least one event of it. */
  isKnown = false;
  /** When the server last said whether to stop, ms since 1970. */
  lastControlAt = 0;
  /** Other values that were asked for. */
  readonly adjustments: Adjustments;
  /** Resolves when it has been said where the run comes from. */
  origin: Promise<void> = Promise.resolve();
  readonly #context: RunLogContext;
  readonly #identity: RunIdentity;
  #lastEventAt = 0;
  /** The last step that metrics were logged at. */
  #step: Coordinates["step"] = -1;

  constructor(context: RunLogContext, identity: RunIdentity, counts: Counts) {
    this.#context = context;
    this.#identity = identity;
    this.id = identity.id;
    this.counts = counts;
    this.adjustments = new Adjustments({
      run: this.id,
      answer: (kind, at, logs) => this.log(kind, at, logs),
      tell: (message) => context.warnings.tell(message),
    });
  }

  /** Writes an event. What cannot be written is told, and never thrown. */
  log(kind: string, at?: Coordinates, logs?: Logs, options?: WriteOptions): void {
    guarded(
      () => this.#write(kind, at, logs, options),
      (error) =>
        this.#context.warnings.once(
          "unwritten",
          `an event (${String(kind)}) can't be written and is not sent: ${toReason(error)}`,
        ),
    );
  }

  /** Writes metrics: of an epoch where there is one and no step, else of a step. */
  logMetrics(values: Logs, { step, epoch, split }: MetricsAt = {}): void {
    const { warnings } = this.#context;
    const known = split === undefined || isSplit(split) ? split : undefined;
    if (known !== split) warnings.once(`split ${split}`, `split '${split}' is none of ${SPLITS}: it is left out.`);
    guarded(
      () => {
        const metrics = toMetrics(values, known, (name, why) =>
          warnings.once(`value ${name}`, `${name} ${why}. It is left out.`),
        );
        if (Object.keys(metrics).length === 0) return;
        if (step === undefined && epoch !== undefined) return this.log("on_epoch_end", { epoch }, metrics);
        const at = step ?? Number(this.#step) + 1;
        if (isWhole(at)) this.#step = at;
        this.log("on_train_batch_end", { ...(epoch === undefined ? {} : { epoch }), step: at }, metrics);
      },
      (error) => warnings.once("unlogged", `what was logged is no object of numbers: ${toReason(error)}`),
    );
  }

  beat(): void {
    this.log("heartbeat", {}, { interval_s: this.#context.heartbeatMs / 1000 });
  }

  /**
   * Says where the run comes from, beside the training: git takes its time, and the run may have
   * ended by then.
   */
  sayOrigin(): void {
    this.origin = provenance().then((found) => {
      if (!this.#context.isClosed()) this.log("tags", {}, { provenance: found }, { isLate: true });
    });
  }

  /** Does what is due by now: says what was dropped, and gives a sign of life after a silence. */
  tick(now: number): void {
    this.reportDrops();
    if (now - this.#lastEventAt >= this.#context.heartbeatMs) this.beat();
  }

  reportDrops(): void {
    const dropped = this.counts.dropped - this.counts.dropsReported;
    if (dropped === 0) return;
    this.counts.dropsReported = this.counts.dropped;
    this.log("system", {}, { dropped }, { tier: LAST_TO_GO });
  }

  /**
   * Takes in what the server says of the run. Null does not take a request back: it may be the
   * older answer.
   */
  setControl(control: Told | null | undefined): void {
    if (!control) return;
    this.lastControlAt = Date.now();
    if (this.phase !== "open") return;
    this.adjustments.take(control.adjust);
    const stop = toAsked(control.stop);
    if (stop === null || this.stop?.event_id === stop.event_id) return;
    this.stop = stop;
    if (this.#identity.onStop === undefined) {
      const [by, why] = [stop.actor ?? "somebody", stop.reason ?? "no reason given"];
      this.#context.warnings.tell(`run ${this.id} is asked to stop by ${by}: ${why}`);
    }
    guarded(
      () => this.#identity.onStop?.(stop),
      (error) => this.#context.warnings.tell(`onStop of run ${this.id} failed: ${toReason(error)}`),
    );
  }

  #write(kind: string, at: Coordinates = {}, logs?: Logs, { isLate = false, tier }: WriteOptions = {}): void {
    const { project, sender, warnings, isClosed, onWrite } = this.#context;
    if (isClosed() || (this.phase === "ended" && !isLate)) {
      warnings.once("ended", `an event (${kind}) came after the end of run ${this.id} and is not sent.`);
      return;
    }
    if (RESERVED_KINDS.has(kind)) {
      warnings.once(`reserved ${kind}`, `only the server writes events of kind ${kind}: it is not sent.`);
      return;
    }
    const now = Date.now();
    const { epoch, step, batch } = at;
    if (![epoch, step, batch].every(isWhole)) {
      warnings.once("step", "a step or epoch is no whole number of 64 bits: that event is not sent.");
      return;
    }
    const { text, lost } = encodeEvent({
      project,
      run_id: this.id,
      event_id: eventId(now),
      writer: this.#identity.writer,
      seq: nextSeq(now),
      kind,
      epoch,
      step,
      batch,
      created_at: new Date(now).toISOString(),
      logs,
    });
    if (lost.length > 0) warnings.once(`lost ${kind}`, `${lost.join(", ")} of ${kind} can't be JSON and is left out.`);
    if (text.length > LIMITS.logsBytes) {
      const what = kind.endsWith("_end") ? "a log" : `an event (${kind})`;
      const size = `${text.length.toLocaleString("en")} bytes is not sent, at most ${LIMITS.logsBytes.toLocaleString("en")}`;
      warnings.once(`large ${kind}`, `${what} of ${size}: log less at a time.`);
      return;
    }
    this.#lastEventAt = now;
    sender.add(this.id, kind, text, tier);
    if (!isLate) onWrite();
  }
}
