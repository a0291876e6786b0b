import { request } from "./delivery/request.ts";
import type { RunLog } from "./run-log.ts";

/** Where and how often to ask. */
export interface StopPollOptions {
  /** The address of the API, without a slash at its end. */
  base: string;
  token: string;
  project: string | undefined;
  /** A run is asked about when nothing was heard of it for so long, ms. */
  pollMs: number;
  /** Time to wait for an answer, ms; 5,000 at the most. */
  timeoutMs: number;
  signal: AbortSignal;
}

/** Longest wait for an answer, ms: the next question is worth more than a late answer. */
const PATIENCE_MS = 5_000;

/**
 * Asks what was asked of runs that send nothing just now: training may be silent from epoch to
 * epoch.
 */
export class StopPoll {
  readonly #options: StopPollOptions;
  #isAsking = false;

  constructor(options: StopPollOptions) {
    this.#options = options;
  }

  /** Time until the next of the runs is due, ms; Infinity where none will be. */
  untilDue(runs: Iterable<RunLog>): number {
    const known = [...runs].filter(({ isKnown }) => isKnown);
    const times = known.map(({ lastControlAt }) => lastControlAt + this.#options.pollMs - Date.now());
    return Math.min(...times.filter((time) => time > 0));
  }

  /** Asks of the runs that are due, one after another. Never rejects. */
  async ask(runs: Iterable<RunLog>): Promise<void> {
    const now = Date.now();
    const due = [...runs].filter(
      ({ isKnown, lastControlAt }) => isKnown && now - lastControlAt >= this.#options.pollMs,
    );
    if (this.#isAsking || due.length === 0) return;
    this.#isAsking = true;
    try {
      for (const run of due) await this.#askOf(run);
    } finally {
      this.#isAsking = false;
    }
  }

  async #askOf(run: RunLog): Promise<void> {
    const { base, token, project, timeoutMs, signal } = this.#options;
    const query = project === undefined ? "" : `?project=${encodeURIComponent(project)}`;
    const url = `${base}/v1/runs/${encodeURIComponent(run.id)}/control${query}`;
    const outcome = await request(url, { token, timeoutMs: Math.min(timeoutMs, PATIENCE_MS), signal });
    run.lastControlAt = Date.now();
    if (outcome.kind === "taken") run.setControl(outcome.answer);
  }
}
