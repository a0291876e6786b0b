import { Refusal } from "../refusals/refusal.ts";
import { AGAIN, unanswered } from "./retry.ts";

/**
 * Puts jobs that wait at the same time into one run, with a few runs under way. A job is answered
 * only by the run that held it. When a run of several jobs fails, each of them is tried alone, so
 * that one that cannot succeed fails by itself. A job that has no answer by its deadline is refused
 * with 503, whether it waits or is under way, and so is one for which there is no room to wait.
 */
export class Coalescer<Job, Result> {
  readonly #waiting: Waiting<Job, Result>[] = [];
  readonly #options: CoalescerOptions<Job, Result>;
  #weightWaiting = 0;
  readonly #runs = new Set<Promise<void>>();
  #isStarting = false;
  #isClosed = false;

  constructor(options: CoalescerOptions<Job, Result>) {
    this.#options = options;
  }

  submit(job: Job): Promise<Result> {
    const { weigh, room, deadlineMs } = this.#options;
    if (this.#isClosed) return Promise.reject(ending());
    const weight = weigh(job);
    if (this.#waiting.length > 0 && this.#weightWaiting + weight > room) return Promise.reject(noRoom());
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#giveUp(one), deadlineMs);
      const one: Waiting<Job, Result> = {
        job,
        weight,
        deadline: Date.now() + deadlineMs,
        isLate: false,
        timer,
        resolve,
        reject,
      };
      this.#waiting.push(one);
      this.#weightWaiting += weight;
      // After the current turn, so that requests which arrived together go together.
      if (!this.#isStarting) {
        this.#isStarting = true;
        setImmediate(() => {
          this.#isStarting = false;
          this.#start();
        });
      }
    });
  }

  /** Refuses with 503 what waits and what comes. Resolves when the runs under way have answered. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const { timer, reject } of this.#remove(0, this.#waiting.length)) {
      clearTimeout(timer);
      reject(ending());
    }
    await Promise.all(this.#runs);
  }

  #giveUp(one: Waiting<Job, Result>): void {
    one.isLate = true;
    const index = this.#waiting.indexOf(one);
    if (index >= 0) this.#remove(index, 1);
    one.reject(unanswered());
  }

  #start(): void {
    while (this.#runs.size === 0 ? this.#waiting.length > 0 : this.#isWorthAnother()) {
      const run: Promise<void> = this.#run(this.#take(), () => this.#runs.delete(run));
      this.#runs.add(run);
    }
  }

  #isWorthAnother(): boolean {
    const { underWay, enough } = this.#options;
    return this.#runs.size < underWay() && this.#weightWaiting >= enough;
  }

  #take(): Waiting<Job, Result>[] {
    let sum = 0;
    let count = 0;
    for (const { weight } of this.#waiting) {
      sum += weight;
      if (count > 0 && sum > this.#options.weight) break;
      count += 1;
    }
    return this.#remove(0, count);
  }

  #remove(index: number, count: number): Waiting<Job, Result>[] {
    const removed = this.#waiting.splice(index, count);
    for (const { weight } of removed) this.#weightWaiting -= weight;
    return removed;
  }

  async #run(taken: Waiting<Job, Result>[], ended: () => void): Promise<void> {
    const answer = await this.#attempt(taken);
    // The next run is on its way before the answers are: they take a while to write.
    ended();
    this.#start();
    answer();
  }

  /** Gives back what answers the jobs. */
  async #attempt(taken: Waiting<Job, Result>[]): Promise<() => void> {
    const deadline = Math.max(...taken.map((one) => one.deadline));
    try {
      const jobs = taken.map(({ job }) => job);
      const results = await this.#options.run(jobs, deadline - Date.now());
      return () => {
        taken.forEach(({ timer, resolve }, index) => {
          clearTimeout(timer);
          resolve(results[index] as Result);
        });
      };
    } catch (error) {
      if (taken.length > 1 && this.#options.alone(error)) {
        for (const one of taken) if (!one.isLate) (await this.#attempt([one]))();
        return () => {};
      }
      return () => {
        for (const { timer, reject } of taken) {
          clearTimeout(timer);
          reject(error);
        }
      };
    }
  }
}

export interface CoalescerOptions<Job, Result> {
  /** Runs at the same time, as things are now; at least one. */
  underWay: () => number;
  /** What must wait for a run to start beside another: many small runs cost more than they save. */
  enough: number;
  /** The most that one run takes, unless a single job weighs more. */
  weight: number;
  /** The most that waits, unless a single job weighs more. */
  room: number;
  weigh: (job: Job) => number;
  /** From a job's arrival to its answer at the latest. */
  deadlineMs: number;
  /**
   * One result a job, in their order; resolves only when all of them hold. There is time until the
   * last one's deadline.
   */
  run: (jobs: Job[], withinMs: number) => Promise<Result[]>;
  /**
   * Whether jobs of a failed run should be tried one by one: not where it failed for all of them
   * alike.
   */
  alone: (error: unknown) => boolean;
}

interface Waiting<Job, Result> {
  job: Job;
  weight: number;
  /** ms since 1970. */
  deadline: number;
  /** Refused already, though a run may still hold it. */
  isLate: boolean;
  timer: NodeJS.Timeout;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}

function ending(): Refusal {
  return new Refusal("server-ending", "The server is ending.", AGAIN);
}

function noRoom(): Refusal {
  return new Refusal("store-busy", "More events wait for the database than there is room for.", AGAIN);
}
