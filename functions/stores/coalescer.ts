/**
 * Puts jobs that wait at the same time into one run, with a fixed number of runs under way. A job is answered only by
 * the run that held it. When a run of several jobs fails, each of them is tried alone, so that one that cannot
 * succeed fails by itself.
 */
export class Coalescer<Job, Result> {
  readonly #waiting: Waiting<Job, Result>[] = [];
  readonly #options: CoalescerOptions<Job, Result>;
  #underWay = 0;
  #isStarting = false;

  constructor(options: CoalescerOptions<Job, Result>) {
    this.#options = options;
  }

  submit(job: Job): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject });
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

  #start(): void {
    while (this.#underWay === 0 ? this.#waiting.length > 0 : this.#isWorthAnother()) {
      this.#underWay += 1;
      void this.#run(this.#take());
    }
  }

  #isWorthAnother(): boolean {
    if (this.#underWay >= this.#options.underWay()) return false;
    return this.#waiting.reduce((sum, { job }) => sum + this.#options.weigh(job), 0) >= this.#options.enough;
  }

  #take(): Waiting<Job, Result>[] {
    let weight = 0;
    let count = 0;
    for (const { job } of this.#waiting) {
      weight += this.#options.weigh(job);
      if (count > 0 && weight > this.#options.weight) break;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #run(taken: Waiting<Job, Result>[]): Promise<void> {
    const answer = await this.#attempt(taken);
    // The next run is on its way before the answers are: they take a while to write.
    this.#underWay -= 1;
    this.#start();
    answer();
  }

  /** Gives back what settles the jobs. */
  async #attempt(taken: Waiting<Job, Result>[]): Promise<() => void> {
    try {
      const results = await this.#options.run(taken.map(({ job }) => job));
      return () => {
        taken.forEach(({ resolve }, index) => {
          resolve(results[index] as Result);
        });
      };
    } catch (error) {
      if (taken.length > 1 && this.#options.alone(error)) {
        for (const one of taken) (await this.#attempt([one]))();
        return () => {};
      }
      return () => {
        for (const { reject } of taken) reject(error);
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
  weigh: (job: Job) => number;
  /** One result a job, in their order; resolves only when all of them hold. */
  run: (jobs: Job[]) => Promise<Result[]>;
  /** Whether jobs of a failed run should be tried one by one: not where it failed for all of them alike. */
  alone: (error: unknown) => boolean;
}

interface Waiting<Job, Result> {
  job: Job;
  resolve: (result: Result) => void;
  reject: (error: unknown) => void;
}
