import type { RunState, StreamedEvent } from "../../../functions/stores/store.ts";
import { seqOf } from "./writers-order.ts";

/** A beginning, an end, or a mark that a run has ended, and where in what was heard it came. */
interface Turn {
  kind: string;
  seq: bigint;
  heard: number;
  at: number;
  status: unknown;
}

interface Writer {
  turn: Turn | null;
  /** Where it last said something. */
  spoke: number;
}

/** What was heard of the beginnings and ends of a run, each writer's its own. */
export interface Turns {
  heard: number;
  writers: Map<string, Writer>;
  lastBegin: number;
  mark: Turn | null;
  /** Where it was last asked to stop, answered and marked as ended. */
  asked: number;
  answered: number;
  marked: number;
}

export const newTurns = (): Turns => ({
  ...{ heard: 0, writers: new Map(), lastBegin: 0, mark: null },
  ...{ asked: 0, answered: 0, marked: 0 },
});

/**
 * Whether a run begins or ends with an event, or is said to have ended: each may answer a request
 * to stop.
 */
export const isTurn = ({ kind }: Pick<StreamedEvent, "kind">): boolean =>
  kind === "on_train_begin" || kind === "on_train_end" || kind === "end_marked";

/** Takes an event, in the order of the log. */
export function hearTurn(turns: Turns, event: StreamedEvent): void {
  const heard = ++turns.heard;
  const { kind, at } = event;
  const writer = turns.writers.get(event.writer) ?? { turn: null, spoke: 0 };
  turns.writers.set(event.writer, writer);
  writer.spoke = heard;
  const turn = { kind, seq: seqOf(event), heard, at, status: event.logs?.status };
  if (event.actor === null) turns.mark = null;
  if (kind === "stop_requested") turns.asked = heard;
  if (isTurn(event)) turns.answered = heard;
  if (kind === "end_marked") {
    turns.mark = turn;
    turns.marked = heard;
  } else if (isTurn(event)) {
    if (kind === "on_train_begin") turns.lastBegin = heard;
    if (writer.turn === null || turn.seq >= writer.turn.seq) writer.turn = turn;
  }
}

/** A request to stop that was read and not streamed. */
export function hearAsked(turns: Turns): void {
  turns.asked = ++turns.heard;
}

/** Whether the last request to stop waits for an answer, as the stores say it. */
export function isAsked(turns: Turns): boolean {
  if (turns.answered <= turns.asked) return true;
  return turns.marked <= turns.asked && openTurns(turns).some(({ heard }) => heard < turns.asked);
}

/** Writers that have not ended, and were not resumed by another since they fell silent. */
function openTurns({ writers, lastBegin }: Turns): Turn[] {
  return [...writers.values()].flatMap(({ turn, spoke }) =>
    turn?.kind === "on_train_begin" && spoke >= lastBegin ? [turn] : [],
  );
}

/**
 * What ended the run, as the `runs` view says it; null while it runs; undefined where nothing was
 * heard of it.
 */
export function endOf(turns: Turns): { state: RunState; at: number } | null | undefined {
  if (turns.mark !== null) return { state: stateOf(turns.mark, "stopped"), at: turns.mark.at };
  if (openTurns(turns).length > 0) return null;
  const ends = [...turns.writers.values()].flatMap(({ turn }) => (turn?.kind === "on_train_end" ? [turn] : []));
  const last = ends.sort((a, b) => a.heard - b.heard).at(-1);
  if (last === undefined) return turns.marked > 0 ? null : undefined;
  return { state: stateOf(last, "finished"), at: last.at };
}

const END_STATES: ReadonlySet<unknown> = new Set<RunState>(["finished", "failed", "stopped"]);

/** Any other status, or none, is an ordinary end. */
const stateOf = ({ status }: Turn, usual: RunState): RunState =>
  END_STATES.has(status) ? (status as RunState) : usual;
