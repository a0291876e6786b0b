import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { queryOf } from "../../../../functions/stores/postgres/statements.ts";
import { connected, freshDatabase } from "./fresh-database.ts";

/** A node of EXPLAIN (ANALYZE, FORMAT JSON). Rows are a mean of its loops. */
interface PlanNode {
  "Node Type": string;
  "Relation Name"?: string;
  "Actual Rows": number;
  "Actual Loops": number;
  "Rows Removed by Filter"?: number;
  "Rows Removed by Join Filter"?: number;
  "Rows Removed by Index Recheck"?: number;
  Plans?: PlanNode[];
}

const nodesOf = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)];
const rowsOf = (node: PlanNode): number =>
  (node["Actual Rows"] +
    (node["Rows Removed by Filter"] ?? 0) +
    (node["Rows Removed by Join Filter"] ?? 0) +
    (node["Rows Removed by Index Recheck"] ?? 0)) *
  node["Actual Loops"];
const sum = (numbers: number[]) => numbers.reduce((all, one) => all + one, 0);

/** Work is counted in rows: how long they take is the machine's. */
async function planOf(client: pg.Client, { text, values = [] }: pg.QueryConfig): Promise<PlanNode[]> {
  const { rows } = await client.query(`EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${text}`, values);
  return nodesOf((rows[0] as { "QUERY PLAN": [{ Plan: PlanNode }] })["QUERY PLAN"][0].Plan);
}

let owner: pg.Client;
beforeAll(async () => {
  owner = await connected((await freshDatabase()).ownerUrl);
  await owner.query("SET search_path = integraviz");
});
afterAll(() => owner.end());

const insert = (project: string, runs: number, from: number, to: number) =>
  owner.query(
    `INSERT INTO events (pos, seq, created_at, epoch, step, project, run_id, event_id, writer, kind, logs)
     SELECT n, n, now(), n / 100, n, $1, 'run' || n % $2::int, n::text, '',
       CASE WHEN n / $2::int % 10 = 0 THEN 'on_epoch_end' ELSE 'on_train_batch_end' END, '{"loss": 1, "acc": 2}'
     FROM generate_series($3::int, $4::int) AS n`,
    [project, runs, from, to],
  );

describe("joins of the views grow with the number of runs", () => {
  beforeAll(async () => {
    await insert("few", 100, 1_000_001, 1_000_200);
    await insert("many", 400, 2_000_001, 2_000_800);
  });

  test.each([
    "SELECT r.name, s.best FROM runs r JOIN run_summary s USING (project, run) WHERE r.project = 'P' AND s.metric = 'loss' ORDER BY s.best",
    "SELECT r.name, s.best FROM runs r JOIN run_summary s ON s.project = r.project AND s.run = r.run WHERE s.project = 'P'",
    "SELECT r.name, s.best FROM run_summary s JOIN runs r USING (run) WHERE r.project = 'P' AND s.project = 'P' AND r.state = 'running'",
    "SELECT a.run FROM run_summary a JOIN run_summary b USING (project, run, metric) WHERE project = 'P' AND a.split = 'train'",
  ])("%s", async (sql) => {
    for (const statistics of ["before any are known", "as they are"]) {
      const rows = async (project: string) =>
        sum((await planOf(owner, { text: sql.replaceAll("'P'", `'${project}'`) })).map(rowsOf));
      const [few, many] = [await rows("few"), await rows("many")];
      expect(many / few, `${statistics}: ${few} rows, then ${many}`).toBeLessThan(6);
      await owner.query("ANALYZE");
    }
  });
});

describe("a page of the newest runs is as much work however many there are", () => {
  beforeAll(async () => {
    await insert("some", 100, 3_000_001, 3_000_400);
    await insert("lots", 2_000, 4_000_001, 4_008_000);
  });

  const values = { state: null, text: null, archived: false, sort: "-started_at", run: null, limit: 51, offset: 0 };
  test.each([
    ["of the API", (project: string) => queryOf("runs", { ...values, project })],
    [
      "by SQL",
      (project: string) => ({
        text: `SELECT run, state FROM runs WHERE project = '${project}' ORDER BY started_at DESC LIMIT 51`,
      }),
    ],
  ])("%s", async (_, queryFor) => {
    for (const statistics of ["before any are known", "as they are"]) {
      const rows = async (project: string) => sum((await planOf(owner, queryFor(project))).map(rowsOf));
      const [few, many] = [await rows("some"), await rows("lots")];
      expect(many / few, `${statistics}: ${few} rows, then ${many}`).toBeLessThan(1.2);
      await owner.query("ANALYZE");
    }
  });
});

describe("what every append asks for", () => {
  test("does not grow with the adjustments that were asked of a run", async () => {
    await owner.query(
      `INSERT INTO events (pos, seq, created_at, project, run_id, event_id, writer, kind, actor, logs)
       SELECT 5000000 + n, n, now(), 'asked', 'r', n::text, '', 'adjust_requested', 'ada',
         jsonb_build_object('name', 'learning_rate', 'value', n) FROM generate_series(1, 5000) AS n`,
    );
    await owner.query("ANALYZE");
    const nodes = await planOf(owner, queryOf("control", { project: "asked", runs: ["r"] }));
    expect(sum(nodes.map(rowsOf))).toBeLessThan(500);
  });
});

describe("what is read of the log's tails does not grow with the log", () => {
  const [RUNS, EVENTS, TAIL] = [50, 100_000, 20];
  const MARK = EVENTS - RUNS * TAIL + 1;
  const runs = Array.from({ length: RUNS }, (_, run) => `run${run}`);

  beforeAll(async () => {
    await insert("long", RUNS, 1, EVENTS);
    await owner.query("INSERT INTO sealed SELECT $1, 'long', unnest($2::text[])", [MARK, runs]);
    await owner.query("ANALYZE");
    // The planner weighs pages read in turn against rows looked up: by ten times as many rows, or so.
    await owner.query("SET random_page_cost = 40");
  });

  test.each([
    [
      "series of 50 runs",
      "seriesTail",
      {
        runs,
        marks: runs.map(() => MARK),
        keys: ["loss"],
        writers: false,
        x: "step",
        kinds: ["on_train_batch_end"],
        end: 10 * EVENTS,
      },
      RUNS * TAIL,
    ],
    [
      "a series of one run",
      "seriesTail",
      {
        runs: ["run1"],
        marks: [MARK],
        keys: ["loss"],
        writers: false,
        x: "step",
        kinds: ["on_train_batch_end"],
        end: 10 * EVENTS,
      },
      TAIL,
    ],
    ["summaries of 50 runs", "summary", { runs, level: null, metrics: 5_001, limit: 50_001 }, 2 * RUNS * TAIL],
    ["the summary of a run", "summary", { runs: ["run1"], level: null, metrics: 5_001, limit: 50_001 }, 2 * TAIL],
    ["a window to be sealed", "chunkWindow", { run: "run1", horizon: 10 * EVENTS }, TAIL],
  ] as const)("%s", async (_, name, values, most) => {
    const nodes = await planOf(owner, queryOf(name, { project: "long", ...values }));
    const scans = nodes.filter((node) => node["Relation Name"] === "events");
    expect(scans.length).toBeGreaterThan(0);
    expect(scans.map((scan) => scan["Node Type"])).not.toContain("Seq Scan");
    // And a row of each run beside its tail.
    expect(sum(scans.map(rowsOf))).toBeLessThanOrEqual(most + 4 * RUNS);
  });
});
