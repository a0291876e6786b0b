import type { Event } from "../../../../functions/event/event.ts";
import { numberOf } from "../../../../functions/stores/driver-rows.ts";
import { LEVELS } from "../../../../functions/stores/metric-keys.ts";
import type {
  Level,
  Run,
  RunDetail,
  RunState,
  Split,
  StreamedEvent,
  Summary,
} from "../../../../functions/stores/store.ts";

/** What the SQL views derive from the log, said plainly in TypeScript: the reference that stores are compared with. */

/** One row of the log: an event with what the server added. */
export interface Logged extends Omit<Event, "logs" | "createdAt" | "seq"> {
  /** The server's order. */
  pos: number;
  seq: bigint;
  /** µs since 1970. */
  createdAt: number;
  receivedAt: number;
  logs: Record<string, unknown> | null;
}

export interface Metric {
  run: string;
  metric: string;
  split: Split;
  level: Level;
  writer: string;
  epoch: Event["epoch"];
  step: Event["step"];
  seq: bigint;
  ts: number;
  value: number;
  kind: "finite" | "nan" | "+inf" | "-inf";
  text: string;
  pos: number;
}

/** By the writers' order, then the server's. */
export function bySeq(a: { seq: bigint; pos: number }, b: { seq: bigint; pos: number }): number {
  return a.seq < b.seq ? -1 : a.seq > b.seq ? 1 : a.pos - b.pos;
}

export function metricsOf(rows: readonly Logged[]): Metric[] {
  return rows.flatMap((row) => {
    const plain = LEVELS[row.kind];
    if (plain === undefined || row.logs === null) return [];
    return Object.entries(row.logs).flatMap(([key, logged]) => {
      const number = numberIn(logged);
      if (number === null) return [];
      const { run, writer, epoch, step, seq, pos, createdAt: ts } = row;
      const { metric, split } = named(key, plain.split);
      return [{ run, metric, split, level: plain.level, writer, epoch, step, seq, ts, pos, ...number }];
    });
  });
}

function named(key: string, split: Split): { metric: string; split: Split } {
  const [, prefix, metric] = /^(train|val|validation|eval|test)[_/](.+)$/s.exec(key) ?? [];
  if (prefix === undefined || metric === undefined) return { metric: key, split };
  return { metric, split: prefix === "train" || prefix === "test" ? prefix : "validation" };
}

function numberIn(logged: unknown): Pick<Metric, "value" | "kind" | "text"> | null {
  if (typeof logged === "number") return { value: logged, kind: "finite", text: digitsOf(logged) };
  const text = (logged as { $num?: string } | null)?.$num;
  if (typeof text !== "string") return null;
  const value = Number(text);
  const kind = Number.isNaN(value) ? "nan" : value === Infinity ? "+inf" : value === -Infinity ? "-inf" : "finite";
  return { value, kind, text };
}

/** A double in plain digits, without an exponent, as SQL's numeric is written. */
export function digitsOf(value: number): string {
  if (!String(value).includes("e")) return String(value);
  return new Intl.NumberFormat("en-US", { useGrouping: false, maximumSignificantDigits: 17 }).format(value);
}

const FIRST_HIGH =
  /(^|[^a-z0-9])(acc|accuracy)$|(time|seconds|costs?)[^a-z](.*[^a-z0-9])?(acc|accuracy|precision|recall|f1|auc|auroc|iou|dice|top[0-9]+|hit_rate|specificity|sensitivity|reward|return|bleu|rouge[a-z0-9]*|map|ndcg[a-z0-9]*|mrr|r2|psnr|ssim)($|[^a-z])/is;
const MEASURED_BY = /[^a-z0-9](per|to|at)[^a-z]/i;
const LOW =
  /(loss|losses|errors?|errs?|mae|mse|mape|msle|perplexity|divergence|time|seconds|costs?|(^|[^a-z0-9])(wer|cer|eer|ppl|nll|bpb|bpc|bpd|fid|kid|kld?|brier|latency))($|[^a-z])/i;
const HIGH =
  /(^|[^a-z0-9])(acc|accuracy|precision|recall|f1|auc|auroc|iou|dice|top[0-9]+|hit_rate|specificity|sensitivity|reward|return|score|bleu|rouge[a-z0-9]*|map|ndcg[a-z0-9]*|mrr|r2|psnr|ssim)($|[^a-z])/i;

export function lowerIsBetter(metric: string): boolean | null {
  if (FIRST_HIGH.test(metric) && !MEASURED_BY.test(metric)) return false;
  return LOW.test(metric) ? true : HIGH.test(metric) ? false : null;
}

/** What a run says of its metrics: the last word wins. */
function definedIn(rows: readonly Logged[]): Map<unknown, boolean> {
  const said = rows.filter(({ kind, logs }) => kind === "define" && (logs?.best === "min" || logs?.best === "max"));
  return new Map(said.toSorted(bySeq).map(({ logs }) => [logs?.metric, logs?.best === "min"]));
}

export function summaryOf(rows: readonly Logged[], level?: Level): Summary[] {
  const groups = new Map<string, Metric[]>();
  const defined = definedIn(rows);
  for (const point of metricsOf(rows)) {
    const key = JSON.stringify([point.metric, point.split, point.level]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [point]);
    else group.push(point);
  }
  return [...groups.values()]
    .map((points) => {
      const ordered = points.toSorted(bySeq);
      const { metric, split, level } = ordered[0]!;
      const finite = points.filter(({ kind }) => kind === "finite").map(({ value }) => value);
      const min = finite.length === 0 ? null : finite.reduce((a, b) => Math.min(a, b));
      const max = finite.length === 0 ? null : finite.reduce((a, b) => Math.max(a, b));
      const first = numberOf(ordered[0]!.text);
      const last = numberOf(ordered.at(-1)!.text);
      const lower_is_better = defined.get(metric) ?? lowerIsBetter(metric);
      const best = lower_is_better === null ? null : lower_is_better ? min : max;
      return { metric, split, level, points: points.length, first, last, best, min, max, lower_is_better };
    })
    .filter((summary) => level === undefined || summary.level === level)
    .sort((a, b) => compare(b.level, a.level) || compare(a.metric, b.metric) || compare(a.split, b.split));
}

/** @param rows all of one run, by pos @param now ms since 1970 */
export function runOf(rows: readonly Logged[], now: number): Run {
  const { project, run, createdAt } = rows[0]!;
  const last = rows.at(-1)!;
  const ended = endOf(rows);
  const tags = lastOfEach(rows, "tags");
  return {
    project,
    run,
    name: typeof tags.name === "string" && tags.name !== "" ? tags.name : run,
    state: stateOf(rows, ended, last, now),
    started_at: iso(createdAt),
    ended_at: ended && iso(ended.createdAt),
    last_event_at: iso(last.receivedAt),
    note: typeof tags.note === "string" ? tags.note : null,
    archived: tags.archived === true,
    params: lastOfEach(rows, "params"),
    tags,
  };
}

/** The last beginning or end of each writer, in the order of its own counter. */
function turnsOf(rows: readonly Logged[]): Logged[] {
  const turns = rows.filter(({ kind }) => kind === "on_train_begin" || kind === "on_train_end").toSorted(bySeq);
  return [...new Map(turns.map((turn) => [turn.writer, turn])).values()];
}

/** The beginnings of writers that have not ended, and were not resumed by another that began since they fell silent. */
function openTurns(rows: readonly Logged[]): Logged[] {
  const lastBegin = rows.findLast(({ kind }) => kind === "on_train_begin");
  const speaks = ({ writer }: Logged) => rows.some((row) => row.writer === writer && row.pos >= (lastBegin?.pos ?? 0));
  return turnsOf(rows).filter((turn) => turn.kind === "on_train_begin" && speaks(turn));
}

/** What ended a run: the mark that someone set, unless it went on, or the end of the last of its writers. */
function endOf(rows: readonly Logged[]): Logged | null {
  const mark = rows.findLast(({ kind }) => kind === "end_marked");
  if (mark && !rows.some(({ actor, pos }) => actor === null && pos > mark.pos)) return mark;
  if (openTurns(rows).length > 0) return null;
  const ends = turnsOf(rows).filter(({ kind }) => kind === "on_train_end");
  return ends.toSorted((a, b) => a.pos - b.pos).at(-1) ?? null;
}

const HOUR_MS = 3_600_000;

function stateOf(rows: readonly Logged[], ended: Logged | null, last: Logged, now: number): RunState {
  if (ended !== null) {
    const status = ended.logs?.status as RunState | undefined;
    const usual = ended.kind === "end_marked" ? "stopped" : "finished";
    return status === "failed" || status === "stopped" || status === "finished" ? status : usual;
  }
  const beats = rows.filter(({ kind, logs }) => kind === "heartbeat" && typeof logs?.interval_s === "number");
  const interval = beats.at(-1)?.logs?.interval_s as number | undefined;
  if (interval !== undefined) return last.receivedAt / 1000 + 3 * interval * 1000 < now ? "lost" : "running";
  const heard = rows.filter(({ actor }) => actor === null).slice(-20);
  if (heard.length === 0) return "running";
  const pauses = heard.slice(1).map(({ receivedAt }, index) => (receivedAt - heard[index]!.receivedAt) / 1000);
  const silence = now - Math.max(...heard.map(({ receivedAt }) => receivedAt)) / 1000;
  return silence > Math.max(HOUR_MS, ...pauses.map((pause) => 10 * pause)) ? "lost" : "running";
}

/** The last value of each key wins; null removes it. */
function lastOfEach(rows: readonly Logged[], kind: string): Record<string, unknown> {
  const said = rows.filter((row) => row.kind === kind).toSorted(bySeq);
  const merged = Object.fromEntries(said.flatMap(({ logs }) => Object.entries(logs ?? {})));
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

export function auditOf(rows: readonly Logged[]): RunDetail["audit"] {
  return rows
    .filter(({ actor, kind }) => actor !== null || kind === "adjust_applied" || kind === "adjust_refused")
    .map(({ id, kind, actor, createdAt, logs }) => ({ event_id: id, kind, actor, at: iso(createdAt), logs }));
}

/**
 * The last request to stop, and of the last 100 to adjust something the last for each name, that the run has not
 * answered.
 */
export function pendingRequests(rows: readonly Logged[]): Logged[] {
  const ofKind = (wanted: string) => rows.filter(({ kind }) => kind === wanted);
  const asked = [...ofKind("stop_requested").slice(-1), ...ofKind("adjust_requested").slice(-100)];
  const last = new Map(asked.map((row) => [`${row.kind} ${row.logs?.name}`, row]));
  return [...last.values()].filter((row) => isPending(row, rows));
}

/**
 * Whether the run has neither ended nor begun anew since. Of several writers those that began before and have not ended
 * are still asked.
 */
function isPending(asked: Logged, rows: readonly Logged[]): boolean {
  const answers = rows.filter(({ kind, pos }) => ANSWERS.has(kind) && pos > asked.pos);
  if (answers.length === 0) return true;
  if (answers.some(({ kind }) => kind === "end_marked")) return false;
  return openTurns(rows).some(({ pos }) => pos < asked.pos);
}

const ANSWERS = new Set(["on_train_begin", "on_train_end", "end_marked"]);

export function streamedOf(row: Logged): StreamedEvent {
  const whole = (value: Event["epoch"]) => (value === null ? null : numberOf(String(value)));
  const { run, id, kind, writer, actor, logs } = row;
  const seq = numberOf(String(row.seq));
  const [epoch, step, batch] = [whole(row.epoch), whole(row.step), whole(row.batch)];
  return { run, event_id: id, kind, writer, seq, actor, epoch, step, batch, at: ms(row.createdAt), logs };
}

/** As SQL's date_part counts it, seconds first, so that the last bit is the same. */
export function ms(micros: number): number {
  return (micros / 1e6) * 1000;
}

export function iso(micros: number): string {
  const whole = Math.floor(micros / 1000);
  return new Date(whole).toISOString().replace("Z", `${String(micros - whole * 1000).padStart(3, "0")}Z`);
}

/** By code point, as the database's collation C sorts. */
export function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
