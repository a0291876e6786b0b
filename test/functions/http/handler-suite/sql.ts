import { beforeAll, describe, expect, test } from "vitest";
import { CELLS } from "../../stores/store-suite/sql-cells.ts";
import type { SuiteApi } from "./api.ts";

interface Result {
  columns: { name: string; type: string }[];
  rows: unknown[][];
  truncated: boolean;
  ms: number;
}

export function sqlTests(api: SuiteApi): void {
  let slow: Promise<Response>;
  beforeAll(() => {
    // Lifts its own time-out, and takes as long as it all the same: so it runs beside all the other
    // tests.
    const sql = "SELECT set_config('statement_timeout', '0', true) UNION ALL SELECT pg_sleep(600)::text";
    slow = api.ask("/v1/sql", { token: api.reader, body: { sql } });
    // The test that awaits it may be left out.
    slow.catch(() => {});
  });

  describe("SQL", () => {
    const sql = (statement: string) => api.json<Result>("/v1/sql", { token: api.reader, body: { sql: statement } });
    const refused = (statement: string) => api.problem("/v1/sql", 400, { token: api.reader, body: { sql: statement } });

    test("rows with names and types; numbers JSON cannot hold keep their text", async () => {
      const result = await sql(`SELECT 1 AS a, 'x' AS b, true AS c, NULL AS d, 1.5 AS e, 9007199254740993 AS f,
        'NaN'::double precision AS g, '{"k": [1]}'::jsonb AS h, timestamptz '2026-01-31 12:00:00+00' AS i, 1 AS a`);
      expect(result.columns.map(({ name }) => name).join("")).toBe("abcdefghia");
      expect(result.columns.slice(0, 3).map(({ type }) => type)).toEqual(["int4", "text", "bool"]);
      expect(result.rows).toEqual([[...CELLS, "2026-01-31 12:00:00+00", 1]]);
      expect(result).toMatchObject({ truncated: false, ms: expect.any(Number) });
    });

    test("the views hold what was sent", async () => {
      const run = api.fresh("sql");
      await api.send({ run_id: run, kind: "on_epoch_end", epoch: 0, logs: { loss: 0.5, val_loss: { $num: "NaN" } } });
      expect(
        (
          await sql(
            `SELECT metric, split, level, epoch, value, value_kind FROM metrics WHERE run = '${run}' ORDER BY 2`,
          )
        ).rows,
      ).toEqual([
        ["loss", "train", "epoch", 0, 0.5, "finite"],
        ["loss", "validation", "epoch", 0, { $num: "NaN" }, "nan"],
      ]);
      expect((await sql(`SELECT description, epoch FROM raw_link WHERE id = '${run}'`)).rows).toEqual([
        ["on_epoch_end", 0],
      ]);
      for (const view of ["runs", "latest_metrics", "run_summary", "audit"]) await sql(`SELECT * FROM ${view} LIMIT 1`);
    });

    test.each([
      "DELETE FROM events",
      "INSERT INTO denied_tokens VALUES ('x', 'y')",
      "UPDATE runs SET run = 'x'",
      "CREATE TABLE mine (a int)",
      "CREATE TEMP TABLE mine (a int)",
      "DROP VIEW runs",
      "TRUNCATE events",
      "SELECT * FROM events",
      "SELECT * FROM integraviz.events",
      "SELECT * FROM denied_tokens",
      "SELECT * FROM log_origin",
      "SELECT * FROM migrations",
      "SELECT * FROM logged",
      "SELECT * FROM pending_stop('default', 'r')",
      "SELECT * FROM pending_requests('default', 'r')",
      "SELECT rolpassword FROM pg_authid",
      "SELECT pg_read_file('/etc/hostname')",
      "COPY (SELECT 1) TO PROGRAM 'true'",
      "SET ROLE integraviz_owner",
      "SET SESSION AUTHORIZATION integraviz_owner",
      "GRANT SELECT ON events TO integraviz_reader",
      "SELECT lo_from_bytea(0, 'x')",
      "SELECT nextval('x')",
      "DO $$ BEGIN SET TRANSACTION READ WRITE; CREATE TEMP TABLE mine (a int); END $$",
    ])("%s is refused", async (statement) => {
      expect((await refused(statement)).fix).toBeTruthy();
    });

    test.each([
      "SELECT 1; SELECT 2",
      "SELECT 1; DELETE FROM events",
      "COMMIT; DELETE FROM events",
      "SELEC 1",
      "SELECT $1",
      "SELECT 'open",
    ])("%s is not one good statement", async (statement) => {
      await refused(statement);
    });

    test.each(["COPY (SELECT 1) TO STDOUT", "COPY runs TO STDOUT", "copy (select 1) to stdout (format binary)"])(
      "%s is refused and harms nobody",
      async (statement) => {
        await refused(statement);
        expect((await sql("SELECT 1")).rows).toEqual([[1]]);
      },
    );

    test.each([
      "SET SESSION default_transaction_read_only = off",
      "SET TRANSACTION READ WRITE",
      "SET statement_timeout = 0",
      "SET TIME ZONE 'Asia/Tokyo'",
      "SELECT set_config('search_path', 'pg_catalog', false)",
      "COMMIT",
      "ROLLBACK",
      "PREPARE mine AS SELECT 1",
      "SELECT pg_advisory_lock(1)",
      "LISTEN integraviz_events",
      ";",
      "-- nothing",
    ])("what %s does ends with it", async (statement) => {
      await api.ask("/v1/sql", { token: api.reader, body: { sql: statement } }).then((answer) => answer.text());
      const after = await sql(`SELECT current_setting('transaction_read_only'), current_setting('statement_timeout'),
        current_setting('TimeZone'), session_user::text, (SELECT count(*) FROM pg_prepared_statements),
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`);
      expect(after.rows).toEqual([["on", "10s", "UTC", "integraviz_reader", 0, 0]]);
      await sql("SELECT count(*) FROM runs");
    });

    test("an error names the place", async () => {
      const problem = await refused("SELECT nothing FROM runs");
      expect(problem).toMatchObject({ field: "sql, character 8", detail: 'column "nothing" does not exist.' });
      expect((await refused("SELECT runn FROM runs")).fix).toContain("runs.run");
    });

    test("no more than so many rows and bytes, and it says so", async () => {
      const rows = await sql("SELECT g FROM generate_series(1, 10000) g");
      expect([rows.rows.length, rows.truncated]).toEqual([10_000, false]);
      const more = await sql("SELECT g FROM generate_series(1, 10001) g");
      expect([more.rows.length, more.truncated]).toEqual([10_000, true]);
      for (const value of ["repeat('x', 20000)", `jsonb_build_object('x', repeat('x', 20000))`]) {
        const wide = await sql(`SELECT ${value} FROM generate_series(1, 5000)`);
        expect(wide.truncated).toBe(true);
        expect(wide.rows.length).toBeLessThan(2_000);
      }
    });

    test.each([
      "SELECT repeat('x', 40000000)",
      // The error repeats the value.
      "SELECT repeat('x', 40000000)::integer",
    ])("a row or an error that is too long is refused: %s", async (statement) => {
      expect((await refused(statement)).detail).toContain("more than 16 MB");
      expect((await sql("SELECT 1")).rows).toEqual([[1]]);
    });

    test("rows before one that is too long are answered", async () => {
      const some = await sql("SELECT repeat('x', CASE g WHEN 4 THEN 40000000 ELSE 1 END) FROM generate_series(1, 5) g");
      expect(some).toMatchObject({ truncated: true, rows: [["x"], ["x"], ["x"]] });
    });

    test("an encoding that breaks JSON harms nobody", async () => {
      await api.json("/v1/sql", {
        token: api.reader,
        body: { sql: `SELECT set_config('client_encoding', 'SJIS', false), '"表"'::json` },
      });
      expect((await sql("SELECT 1")).rows).toEqual([[1]]);
    });

    test.each([
      {},
      { sql: "" },
      { sql: 5 },
      { sql: "x".repeat(100_001) },
      { sql: "SELECT '\u0000'" },
      { sql: "SELECT 1", more: 1 },
      [],
    ])("%j is no question", async (body) => {
      await api.problem("/v1/sql", 400, { token: api.reader, body });
    });

    test("a token for some projects sees those alone", async () => {
      const [a, b, c] = [api.fresh("a"), api.fresh("b"), api.fresh("c")];
      for (const project of [a, b, c]) {
        await api.send({ project, run_id: "same", kind: "on_epoch_end", epoch: 0, logs: { loss: 1 } });
      }
      const ask = async (projects: "*" | string[], statement: string) =>
        api.ask("/v1/sql", { token: await api.token({ projects, scopes: ["read"] }), body: { sql: statement } });
      const seen = async (projects: string[], view: string) => {
        const answer = await ask(projects, `SELECT DISTINCT project FROM ${view} ORDER BY 1`);
        return ((await answer.json()) as Result).rows.flat();
      };
      for (const view of ["runs", "metrics", "latest_metrics", "run_summary"]) {
        expect(await seen([a], view)).toEqual([a]);
        expect(await seen([c, a], view)).toEqual([a, c]);
        expect(await seen([], view)).toEqual([]);
      }
      for (const statement of [
        "EXPLAIN SELECT * FROM runs",
        "SHOW search_path",
        "SELECT 1; SELECT 2",
        "SELECT nothing FROM runs",
      ]) {
        expect((await ask([a], statement)).status).toBe(400);
      }
      expect(await (await ask([a], "SELECT nothing FROM runs")).json()).toMatchObject({ field: "sql, character 8" });
    });

    test("what takes too long is ended", async () => {
      const answer = await slow;
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ detail: "The statement took longer than 10 s." });
    });
  });
}

/** For stores that have none. */
export function noSqlTests(api: SuiteApi): void {
  test("a store without SQL says so", async () => {
    const problem = await api.problem("/v1/sql", 400, { token: api.reader, body: { sql: "SELECT 1" } });
    expect(problem.detail).toContain("no SQL");
  });

  test("a store that cannot tell projects apart takes SQL with tokens for all of them only", async () => {
    const token = await api.token({ projects: ["default"] });
    const problem = await api.problem("/v1/sql", 403, { token, body: { sql: "SELECT 1" } });
    expect(problem.detail).toContain("all projects");
  });
}
