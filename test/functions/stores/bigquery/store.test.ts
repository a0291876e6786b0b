import { readdirSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BigqueryOptions, openBigqueryStore } from "../../../../functions/stores/bigquery/bigquery.ts";
import { credentialsOf, openClient } from "../../../../functions/stores/bigquery/client.ts";
import { migrate } from "../../../../functions/stores/bigquery/migrate.ts";
import { runQuery } from "../../../../functions/stores/bigquery/query.ts";
import type { Store } from "../../../../functions/stores/store.ts";
import { type BigqueryServer, isRealBigquery, startBigquery } from "../../../stand-ins/bigquery-server.ts";
import { hasPython, NO_PYTHON } from "../../../stand-ins/python-server.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { CELLS } from "../store-suite/sql-cells.ts";
import { storeSuite } from "../store-suite.ts";
import { bigquerySubject } from "./subject.ts";

const isHere = hasPython || isRealBigquery;

describe.skipIf(!isHere)(isHere ? "the Store contract" : `the Store contract ${NO_PYTHON}`, () => {
  storeSuite(bigquerySubject);
});

describe.skipIf(!isHere)(isHere ? "BigQuery" : `BigQuery ${NO_PYTHON}`, () => {
  let server: BigqueryServer;
  let store: Store;
  const open = (options: Partial<BigqueryOptions> = {}) =>
    openBigqueryStore({ writer: server.writer, reader: server.reader, settleMs: 0, pollMs: 1, ...options });
  const asOwner = async (sql: string): Promise<unknown[][]> => {
    const { pages } = await runQuery(openClient(server.owner), server.owner.location, { sql, timeoutMs: 20_000 });
    const rows: unknown[][] = [];
    for await (const page of pages) rows.push(...page);
    return rows;
  };
  const log = () => `${server.owner.dataset}.events`;

  beforeAll(async () => {
    server = await startBigquery();
    await Promise.all([migrate(server.owner), migrate(server.owner), migrate(server.owner)]);
    store = open();
  });
  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  describe("migrate", () => {
    const migrations = () =>
      asOwner(
        `SELECT name, digest FROM ${server.owner.dataset}.migrations WHERE NOT STARTS_WITH(name, 'metrics/') ORDER BY name`,
      );

    test("from three places at once, then again: each step once", async () => {
      const done = await migrations();
      const files = readdirSync(new URL("../../../../functions/stores/bigquery/migrations/", import.meta.url));
      expect(done.map(([name]) => name)).toEqual([...files, "views.sql"].sort());
      await migrate(server.owner);
      expect(await migrations()).toEqual(done);
    });

    test("views of an older version are made anew", async () => {
      await asOwner(`DROP VIEW ${server.owner.views}.raw_link`);
      await asOwner(
        `INSERT INTO ${server.owner.dataset}.migrations (name, digest, done_at) VALUES ('views.sql', 'older', CURRENT_TIMESTAMP())`,
      );
      await migrate(server.owner);
      expect((await store.sql("SELECT * FROM raw_link LIMIT 1")).columns.map(({ name }) => name)).toEqual([
        "id",
        "description",
        "created_at",
        "logs",
        "epoch",
      ]);
    });

    test("a database of a newer version is left alone, with a message that says what to do", async () => {
      const newer = await startBigquery();
      await migrate(newer.owner);
      const { pages } = await runQuery(openClient(newer.owner), newer.owner.location, {
        sql: `INSERT INTO ${newer.owner.dataset}.migrations (name, digest, done_at) VALUES ('999-later.sql', 'x', CURRENT_TIMESTAMP())`,
        timeoutMs: 20_000,
      });
      await pages.next();
      await expect(migrate(newer.owner)).rejects.toThrow(
        "The database was migrated by a newer version (it has 999-later.sql). Run that version, or a newer one.",
      );
      await newer.stop();
    });

    test("the log is not read without a filter on its partitions", async () => {
      await expect(asOwner(`SELECT COUNT(*) FROM ${log()}`)).rejects.toThrow(/without a filter over column/);
    });
  });

  describe.skipIf(isRealBigquery)("who may do what", () => {
    test.each([
      ["writer", "CREATE OR REPLACE VIEW VIEWS AS SELECT 1 AS a"],
      ["reader", "SELECT project FROM EVENTS WHERE received_at > TIMESTAMP '2020-01-01'"],
      ["reader", "DELETE FROM EVENTS WHERE received_at > TIMESTAMP '2020-01-01'"],
    ] as const)("the %s cannot %s", async (who, sql) => {
      const { dataset, views } = server.owner;
      const named = sql.replace("EVENTS", `${dataset}.events`).replace("VIEWS", `${views}.mine`);
      const asked = runQuery(openClient(server[who]), "US", { sql: named, timeoutMs: 5_000 });
      await expect(asked).rejects.toMatchObject({ code: 403 });
    });
  });

  describe("a query that costs is asked only where it must be", () => {
    test("fresh ids are appended without one, and what is asked of a run is kept for a while", async () => {
      const project = "thrifty";
      const thrifty = open({ controlMs: 60_000 });
      const fresh = () => sampleEvent({ project, id: uuidV7(Date.now()) });
      await thrifty.append([fresh()]);
      // The stand-in would refuse each query from here on.
      await server.fail("/queries", 3, 400, "invalidQuery");
      const { accepted, control } = await thrifty.append([fresh(), fresh()]);
      expect(accepted).toBe(2);
      expect(control).toEqual([{ project, run: "run", stop: null }]);
      await server.mend();
      await thrifty.close();
    });

    test("a fresh id that comes twice is stored once, as the views say", async () => {
      const project = "twice-fresh";
      const event = sampleEvent({ project, id: uuidV7(Date.now()) });
      await store.append([event]);
      await store.append([{ ...event, step: 1 }]);
      const found = await store.events({ project, after: "0", limit: 10 });
      expect(found.events.map(({ step }) => step)).toEqual([null]);
      expect((await store.sql(`SELECT COUNT(*) FROM log WHERE project = '${project}'`)).rows).toEqual([[1]]);
    });

    test("the log is one query, however many pages it is read in", async () => {
      const project = "copied";
      await store.append(Array.from({ length: 7 }, (_, step) => sampleEvent({ project, id: String(step), step })));
      const part = { before: await store.cursor(), project, limit: 3 };
      let page = await store.log({ ...part, after: null });
      const steps = page.events.map(({ step }) => step);
      await server.fail("/queries$", 1_000, 400, "invalidQuery");
      while (page.more) {
        page = await store.log({ ...part, after: page.cursor });
        steps.push(...page.events.map(({ step }) => step));
      }
      await server.mend();
      expect(steps).toEqual([0, 1, 2, 3, 4, 5, 6]);
      // Whoever comes to a place that nobody reads on from begins a query there.
      expect((await store.log({ ...part, after: "0" })).events.map(({ step }) => step)).toEqual([0, 1, 2]);
    });

    test("a reader who is at the end is answered without one, and readers at one place share one", async () => {
      const slow = open({ settleMs: 1_000, pollMs: 60_000 });
      const end = await slow.cursor();
      await server.fail("/queries", 1, 400, "invalidQuery");
      expect(await slow.events({ project: "p", after: end, limit: 10 })).toEqual({
        events: [],
        cursor: end,
        more: false,
      });
      await server.mend();
      const query = { project: "p", after: "0", limit: 10 };
      const [one, other] = [slow.events(query), slow.events(query)];
      expect(await one).toBe(await other);
      await slow.close();
    });
  });

  describe.skipIf(isRealBigquery)("errors of the vendor", () => {
    test.each([
      ["backendError", 503],
      ["rateLimitExceeded", 403],
      ["jobInternalError", 400],
      ["internalError", 500],
    ])("%s passes, and is tried again", async (reason, status) => {
      await server.fail("/insertAll$", 2, status, reason);
      await server.fail("/queries$", 1, status, reason);
      const { accepted } = await store.append([sampleEvent({ project: "again" })]);
      expect(accepted).toBe(1);
      await server.mend();
    });

    test.each([
      ["quotaExceeded", 60],
      ["rateLimitExceeded", 10],
    ])("%s that lasts is 429, and says when to come again", async (reason, retryAfter) => {
      await server.fail("/insertAll$", 1_000, 403, reason);
      await expect(store.append([sampleEvent({ project: "quota" })])).rejects.toMatchObject({
        status: 429,
        details: { retryAfter },
      });
      await server.mend();
    });

    test("out of reach is 503, health says so, and what is durable is acknowledged though it cannot be looked at", async () => {
      const nowhere = { ...server.writer, endpoint: "http://127.0.0.1:1" };
      const away = openBigqueryStore({ writer: nowhere, reader: nowhere });
      expect(await away.health()).toMatchObject({ ok: false, kind: "bigquery" });
      await expect(away.projects()).rejects.toMatchObject({ status: 503 });
      await away.close();
      expect(await store.health()).toEqual({ ok: true, kind: "bigquery" });

      await server.fail("/queries$", 1_000, 403, "quotaExceeded");
      const event = sampleEvent({ project: "blind" });
      const { accepted, control } = await store.append([event]);
      expect([accepted, control.length]).toEqual([1, 0]);
      await server.mend();
      expect(await store.append([event])).toMatchObject({ accepted: 0, duplicates: 1 });
    }, 60_000);

    test("a table that was made just now and takes no rows yet is 503, and says what it waits for", async () => {
      await server.fail("/insertAll$", 1, 404, "notFound");
      await expect(store.append([sampleEvent({ project: "early" })])).rejects.toMatchObject({
        status: 503,
        details: { retryAfter: 30, fix: expect.stringContaining("migrations") },
      });
    });

    test("a request that the vendor would find too large is none that is sent", async () => {
      const text = JSON.stringify({ text: "x".repeat(1_900_000) });
      const events = Array.from({ length: 12 }, () => sampleEvent({ project: "large", logs: text }));
      const answers = await Promise.all([store.append(events.slice(0, 6)), store.append(events.slice(6))]);
      expect(answers.map(({ accepted }) => accepted)).toEqual([6, 6]);
      const rows = Array.from({ length: 50_001 }, () => ({ json: {} }));
      const path = `/datasets/${server.writer.dataset}/tables/events/insertAll`;
      const tooMany = openClient(server.writer)("POST", path, { json: { rows }, timeoutMs: 20_000 });
      await expect(tooMany).rejects.toMatchObject({ code: 400 });
    });

    test("a row that is not taken fails its own request, and none that came with it", async () => {
      const project = "poison";
      const good = Array.from({ length: 5 }, () => [sampleEvent({ project }), sampleEvent({ project })]);
      const bad = [sampleEvent({ project }), sampleEvent({ project, logs: "{" })];
      const answers = await Promise.allSettled([...good, bad].map((events) => store.append(events)));
      expect(answers.map(({ status }) => status)).toEqual([...good.map(() => "fulfilled"), "rejected"]);
      expect((await store.events({ project, after: "0", limit: 100 })).events.length).toBe(10);
    });
  });

  describe("SQL", () => {
    test("cells as JSON holds them, with names and types", async () => {
      const result = await store.sql(`SELECT 1 AS a, 'x' AS b, TRUE AS c, NULL AS d, 1.5e0 AS e, 9007199254740993 AS f,
        CAST('NaN' AS FLOAT64) AS g, PARSE_JSON('{"k": [1]}') AS h, TIMESTAMP '2026-01-31 12:00:00+00' AS i,
        [1, 2] AS j, STRUCT(1 AS k, 'y' AS l) AS m`);
      expect(result.columns.map(({ name }) => name).join("")).toBe("abcdefghijm");
      expect(result.columns.slice(0, 3).map(({ type }) => type)).toEqual(["integer", "string", "boolean"]);
      expect(result.rows).toEqual([[...CELLS, "2026-01-31T12:00:00.000000Z", [1, 2], { k: 1, l: "y" }]]);
    });

    test.each([
      "DELETE FROM runs WHERE TRUE",
      "INSERT INTO runs (run) VALUES ('x')",
      "UPDATE runs SET run = 'x' WHERE TRUE",
      "CREATE TABLE mine (a INT64)",
      "DROP VIEW runs",
      "TRUNCATE TABLE runs",
      "SELECT * FROM events",
      "SELECT 1; SELECT 2",
      "SELECT 1; DROP VIEW runs",
      "EXPORT DATA OPTIONS (uri = 'gs://x/*', format = 'CSV') AS SELECT 1",
      "GRANT `roles/bigquery.dataViewer` ON TABLE runs TO 'user:x@example.com'",
      "SELEC 1",
      "SELECT 'open",
      "SELECT nothing FROM runs",
      "",
    ])("%s is refused", async (sql) => {
      await expect(store.sql(sql)).rejects.toMatchObject({ status: 400, details: { fix: expect.stringMatching(/./) } });
    });

    test("the log itself is not the reader's", async () => {
      const sql = `SELECT project FROM ${log()} WHERE received_at > TIMESTAMP '2020-01-01'`;
      if (!isRealBigquery) await expect(store.sql(sql)).rejects.toMatchObject({ status: 400 });
    });

    test("no more than so many rows, over several pages, and it says so", async () => {
      const numbers = (count: number) => store.sql(`SELECT n FROM UNNEST(GENERATE_ARRAY(1, ${count})) AS n ORDER BY n`);
      const all = await numbers(10_000);
      expect([all.rows.length, all.rows.at(-1), all.truncated]).toEqual([10_000, [10_000], false]);
      const more = await numbers(10_001);
      expect([more.rows.length, more.truncated]).toEqual([10_000, true]);
    });
  });
});

describe("credentials", () => {
  test("of an AWS role name the account it acts as, and hold no secret", () => {
    const audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/aws";
    expect(credentialsOf({ by: "aws", audience, serviceAccount: "writer@p.iam.gserviceaccount.com" })).toMatchObject({
      type: "external_account",
      audience,
      subject_token_type: "urn:ietf:params:aws:token-type:aws4_request",
      service_account_impersonation_url:
        "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/writer@p.iam.gserviceaccount.com:generateAccessToken",
    });
  });
});

function uuidV7(ms: number): string {
  const time = ms.toString(16).padStart(12, "0");
  const random = crypto.randomUUID();
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`;
}
