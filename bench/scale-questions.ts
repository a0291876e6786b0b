/** Runs that are asked of, spread over the whole log. */
export const RUNS_ASKED = 50;

/** One request to its last byte, and what it answers. */
export type Ask = (path: string, body?: object) => Promise<{ body: unknown }>;

export interface Question {
  title: string;
  /** `turn` counts up, so that not always the same run is asked of. */
  ask(ask: Ask, runs: readonly string[], turn: number): Promise<void>;
}

const PAGE = `limit=${RUNS_ASKED}&archived=false`;

const oneOf = (runs: readonly string[], turn: number): string => runs[turn % runs.length] as string;

export const QUESTIONS: Record<string, Question> = {
  series: {
    title: "one metric of one run, 500 points",
    async ask(ask, runs, turn) {
      require(series(await ask(`/v1/series?metric=loss&level=batch&points=500&run=${oneOf(runs, turn)}`)), 1);
    },
  },
  series50: {
    title: "one metric of 50 runs, 500 points each",
    async ask(ask, runs) {
      const of = runs.map((run) => `run=${run}`).join("&");
      require(series(await ask(`/v1/series?metric=loss&level=batch&points=500&${of}`)), RUNS_ASKED);
    },
  },
  list: {
    title: "the list of runs, its first 50",
    async ask(ask) {
      require(listed(await ask(`/v1/runs?${PAGE}`)).length, RUNS_ASKED);
    },
  },
  last: {
    title: "the last values of a run (GET /v1/runs/RUN)",
    async ask(ask, runs, turn) {
      const { body } = await ask(`/v1/runs/${oneOf(runs, turn)}`);
      require((body as { summary: unknown[] }).summary.length, 11);
    },
  },
  latest: {
    title: "the same by SQL (latest_metrics)",
    async ask(ask, runs, turn) {
      const sql = `SELECT metric, split, level, value FROM latest_metrics WHERE project = 'default' AND run = '${oneOf(runs, turn)}'`;
      const { body } = await ask("/v1/sql", { sql });
      require((body as { rows: unknown[] }).rows.length, 11);
    },
  },
  page: {
    title: "the start of the page: session, list, one run whole, its 5 charts",
    async ask(ask) {
      await ask("/v1/session");
      const [run] = listed(await ask(`/v1/runs?${PAGE}`));
      const charts = ["loss", "accuracy", "lr", "grad_norm", "seconds"].map((metric) => `metric=${metric}`).join("&");
      const [, answer] = await Promise.all([
        ask(`/v1/runs/${run}`),
        ask(`/v1/series?${charts}&x=epoch&level=epoch&points=500&run=${run}`),
      ]);
      require(series(answer), 6);
    },
  },
};

const series = ({ body }: { body: unknown }): number => (body as { series: unknown[] }).series.length;

const listed = ({ body }: { body: unknown }): string[] =>
  (body as { runs: { run: string }[] }).runs.map(({ run }) => run);

/** A figure of an answer that lacks something would be worth nothing. */
function require(found: number, wanted: number): void {
  if (found !== wanted) throw new Error(`The answer has ${found} where ${wanted} were to be.`);
}
