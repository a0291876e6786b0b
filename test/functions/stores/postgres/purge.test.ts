import { spawn } from "node:child_process";
import { once } from "node:events";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHandler } from "../../../../functions/http/handler.ts";
import { sealValues } from "../../../../functions/stores/postgres/chunks/seal-values.ts";
import { tailOf, windowOf } from "../../../../functions/stores/postgres/chunks/window.ts";
import { openPostgresStore } from "../../../../functions/stores/postgres/postgres.ts";
import { openPurge, type PurgeOrder } from "../../../../functions/stores/postgres/purge.ts";
import { queryOf } from "../../../../functions/stores/postgres/statements.ts";
import type { Store } from "../../../../functions/stores/store.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { asUser, type FreshDatabase, freshDatabase } from "./fresh-database.ts";

let database: FreshDatabase;
let store: Store;
beforeAll(async () => {
  database = await freshDatabase();
  store = openPostgresStore(database);
});
afterAll(() => store.close());

const runEvents = (project: string, run: string, count = 3) => [
  sampleEvent({ project, run, kind: "on_train_begin" }),
  ...Array.from({ length: count }, (_, step) => sampleEvent({ project, run, step, logs: `{"loss":${step}}` })),
];

async function purge(order: Partial<PurgeOrder> & { project: string }): Promise<string[]> {
  const purge = await openPurge(database.ownerUrl, { actor: "ada", reason: "asked for", ...order });
  try {
    const targets = await purge.targets();
    for (const target of targets) await purge.erase(target);
    await purge.vacuum();
    return targets.map(({ run }) => run);
  } finally {
    await purge.close();
  }
}

const kindsOf = (project: string, run: string) =>
  asUser(database.ownerUrl, async (client) => {
    const { rows } = await client.query<{ kind: string }>(
      "SELECT kind FROM integraviz.events WHERE project = $1 AND run_id = $2 ORDER BY pos",
      [project, run],
    );
    return rows.map(({ kind }) => kind);
  });

const derivedTables = (client: pg.Client) =>
  client
    .query<{ name: string }>("SELECT relname AS name FROM integraviz.metric_tables() AS t JOIN pg_class ON oid = t")
    .then(({ rows }) => rows.map(({ name }) => name));

const derivedOf = (project: string) =>
  asUser(database.ownerUrl, async (client) => {
    const tables = await derivedTables(client);
    const counts = tables.map((table) => `(SELECT count(*)::integer FROM integraviz.${table} WHERE project = $1)`);
    return (await client.query({ text: `SELECT ${counts}`, values: [project], rowMode: "array" })).rows[0];
  });

/** Resolves when a session waits for this lock on a table. */
const isWaitedFor = (mode: string) =>
  expect
    .poll(() =>
      asUser(database.superUrl, async (client) => {
        const { rowCount } = await client.query(
          "SELECT FROM pg_locks WHERE NOT granted AND mode = $1 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
          [mode],
        );
        return rowCount;
      }),
    )
    .toBe(1);

const runsOf = async (project: string) =>
  (await store.runs({ project, sort: "name", limit: 100 })).runs.map(({ run }) => run);

describe("a purged run", () => {
  test("is gone from everywhere but the record that it was", async () => {
    for (const [project, run] of [
      ["gone", "r"],
      ["gone", "stays"],
      ["other", "r"],
    ] as const)
      await store.append(runEvents(project, run));
    expect(await purge({ project: "gone", run: "r" })).toEqual(["r"]);

    expect(await runsOf("gone")).toEqual(["stays"]);
    expect(await runsOf("other")).toEqual(["r"]);
    expect(await store.run("gone", "r")).toBeNull();
    const query = { project: "gone", metrics: ["loss"], x: "step" as const, points: 10 };
    await expect.poll(async () => (await store.series({ ...query, runs: ["stays"] })).series.length).toBe(1);
    expect((await store.series({ ...query, runs: ["r"] })).series).toEqual([]);
    for (const view of ["metrics", "latest_metrics", "run_summary"])
      expect((await store.sql(`SELECT DISTINCT run FROM ${view} WHERE project = 'gone'`)).rows).toEqual([["stays"]]);
    const audit = await store.sql("SELECT run, kind, actor, logs FROM audit WHERE project = 'gone'");
    expect(audit.rows).toEqual([
      ["r", "purge", "ada", { reason: "asked for", events: 4, last_event_at: expect.stringMatching(/Z$/) }],
    ]);
    expect(await purge({ project: "gone", run: "r" })).toEqual([]);
  });

  test("takes no event any more, whether resent or new; what came along is stored, and the answer names the others", async () => {
    const before = runEvents("late", "r");
    await store.append(before);
    await purge({ project: "late", run: "r" });
    const [begin, ...resent] = before;
    expect(await store.append([begin!])).toMatchObject({ accepted: 0, duplicates: 0, purged: [begin!.id] });
    const fresh = [sampleEvent({ project: "late", run: "r" }), sampleEvent({ project: "late", run: "r2" })];
    const mixed = await store.append([...resent, ...fresh]);
    expect(mixed).toMatchObject({ accepted: 1, duplicates: 0, conflicts: [] });
    expect(mixed.purged?.toSorted()).toEqual([...resent, fresh[0]!].map(({ id }) => id).sort());
    const neighbours = await Promise.all([
      store.append([sampleEvent({ project: "late", run: "r" })]),
      ...Array.from({ length: 30 }, () => store.append([sampleEvent({ project: "late", run: "r2" })])),
    ]);
    expect(neighbours.map(({ accepted }) => accepted)).toEqual([0, ...Array(30).fill(1)]);
    expect(await kindsOf("late", "r")).toEqual(["purge"]);
    expect((await store.append([sampleEvent({ project: "late", run: "r2" })])).purged).toBeUndefined();
  });

  test("takes no event where its log was copied to, but for what tells of another purge of it", async () => {
    const stone = (id: string) => sampleEvent({ project: "copied", run: "r", id, kind: "purge", actor: "ada" });
    await store.append([stone("first")]);
    const late = sampleEvent({ project: "copied", run: "r" });
    expect(await store.append([late])).toMatchObject({ accepted: 0, purged: [late.id] });
    expect(await store.append([stone("first"), stone("second"), late])).toMatchObject({
      accepted: 1,
      duplicates: 1,
      purged: [late.id],
    });
    expect(await kindsOf("copied", "r")).toEqual(["purge", "purge"]);
  });

  test("is answered for over HTTP: its events named, its controls not found", async () => {
    await store.append(runEvents("http", "r"));
    await purge({ project: "http" });
    const verify = async () => ({ actor: "a", projects: ["http"], scopes: ["ingest", "control"] as const, jti: "1" });
    const app = createHandler({ store, verify });
    const post = (path: string, body: object) =>
      app.request(path, { method: "POST", headers: { authorization: "Bearer x" }, body: JSON.stringify(body) });
    const answer = await post("/v1/events", { run_id: "r", event_id: "e1", kind: "on_epoch_end", logs: { loss: 1 } });
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { accepted: 0, duplicates: 0, conflicts: [], purged: ["e1"], control: { r: { stop: null } } },
    ]);
    expect((await post("/v1/runs/r/stop", { reason: "x" })).status).toBe(404);
    expect((await post("/v1/runs/r/tags", { tags: { name: "x" } })).status).toBe(404);
  });

  test("does not stop a stream: what follows comes, the purge among it", async () => {
    await store.append(runEvents("streamed", "r"));
    const after = await store.cursor();
    await purge({ project: "streamed", run: "r" });
    await store.append([sampleEvent({ project: "streamed", run: "next", id: "next" })]);
    const read = async () =>
      (await store.events({ project: "streamed", after, limit: 10 })).events.map(({ run, kind }) => [run, kind]);
    await expect.poll(read).toEqual(
      expect.arrayContaining([
        ["r", "purge"],
        ["next", "on_train_batch_end"],
      ]),
    );
  });
});

describe("purging", () => {
  test("beside writers: not an event is left, whichever was quicker", async () => {
    await store.append(runEvents("busy", "r"));
    let ended = false;
    let accepted = 0;
    const writers = Array.from({ length: 4 }, async () => {
      while (!ended) accepted += (await store.append(runEvents("busy", "r", 50))).accepted;
    });
    await expect.poll(() => accepted).toBeGreaterThan(500);
    await purge({ project: "busy", run: "r" });
    const atEnd = accepted;
    await store.append(runEvents("busy", "r"));
    ended = true;
    await Promise.all(writers);
    expect(await kindsOf("busy", "r")).toEqual(["purge"]);
    expect(accepted).toBe(atEnd);
  });

  test("waits for a transaction that has stored some and is not yet committed", async () => {
    await store.append(runEvents("open", "r"));
    await asUser(database.writerUrl, async (client) => {
      await client.query("BEGIN");
      await client.query(`INSERT INTO events (pos, seq, created_at, project, run_id, event_id, writer, kind)
        SELECT (pg_current_xact_id()::text::bigint + xid_offset) << 20, 1, now(), 'open', 'r', 'slow', '', 'k' FROM log_origin`);
      const purging = purge({ project: "open", run: "r" });
      await isWaitedFor("ShareRowExclusiveLock");
      await client.query("COMMIT");
      await purging;
    });
    expect(await kindsOf("open", "r")).toEqual(["purge"]);
  });

  /** The oldest window of run r of the project, as its sealing goes on from here. */
  async function windowIn(client: pg.Client, project: string) {
    const { rows } = await client.query(queryOf("chunkWindow", { project, run: "r", horizon: await store.cursor() }));
    const seal = queryOf("chunkSeal", sealValues({ project, run: "r" }, windowOf(tailOf(rows[0])!)!));
    return async () => (await client.query<{ sealed: boolean }>(seal)).rows[0]?.sealed;
  }

  test("waits for a window that is being sealed", async () => {
    await store.append(runEvents("sealing", "r", 40));
    await asUser(database.writerUrl, async (client) => {
      await client.query("BEGIN");
      expect(await (await windowIn(client, "sealing"))()).toBe(true);
      const purging = purge({ project: "sealing", run: "r" });
      await isWaitedFor("ShareRowExclusiveLock");
      await client.query("COMMIT");
      await purging;
    });
    expect(await derivedOf("sealing")).toEqual([0, 0, 0, 0, 0]);
  });

  test.each(["first", "second"])("seals nothing of what was read before it: the %s window", async (which) => {
    const project = `read-${which}`;
    await store.append(runEvents(project, "r", 40));
    await asUser(database.writerUrl, async (client) => {
      if (which === "second") {
        await (await windowIn(client, project))();
        await store.append(runEvents(project, "r", 40));
      }
      const seal = await windowIn(client, project);
      await purge({ project, run: "r" });
      expect(await seal()).toBe(false);
    });
    expect(await derivedOf(project)).toEqual([0, 0, 0, 0, 0]);
  });

  test("is passed by no request to stop that waits for it", async () => {
    await store.append(runEvents("stopped", "r"));
    await asUser(database.ownerUrl, async (client) => {
      await client.query("INSERT INTO integraviz.project_access VALUES ('integraviz_owner', 'stopped', true)");
      await client.query("BEGIN");
      await client.query("SET LOCAL search_path = integraviz");
      await client.query("LOCK TABLE events IN SHARE ROW EXCLUSIVE MODE");
      await client.query(queryOf("purgeTombstone", { project: "stopped", run: "r", actor: "ada", logs: {} }));
      const asked = asUser(database.ownerUrl, (other) =>
        other.query("SELECT integraviz.request_stop('stopped', 'r', 'late')"),
      );
      const refused = expect(asked).rejects.toMatchObject({ code: "42501" });
      await isWaitedFor("RowExclusiveLock");
      await client.query("COMMIT");
      await refused;
    });
    expect(await kindsOf("stopped", "r")).not.toContain("stop_requested");
  });

  test("takes values out of the planner's statistics", async () => {
    const notes = Array.from({ length: 500 }, () =>
      sampleEvent({ project: "analysed", run: "r", logs: '{"note":"confidential"}' }),
    );
    await store.append(notes);
    const known = () =>
      asUser(database.ownerUrl, async (client) => {
        const { rowCount } = await client.query(
          "SELECT FROM pg_stats WHERE most_common_vals::text LIKE '%confidential%'",
        );
        return rowCount;
      });
    await asUser(database.ownerUrl, (client) => client.query("ANALYZE integraviz.events"));
    expect(await known()).toBe(1);
    await purge({ project: "analysed" });
    expect(await known()).toBe(0);
  });

  test("that is cut off goes on where it was, with one tombstone", async () => {
    await store.append(runEvents("cut", "r", 4_999));
    await store.append(runEvents("cut", "r", 3_000));
    const first = await openPurge(database.ownerUrl, { project: "cut", actor: "ada", reason: "first" });
    const [target] = await first.targets();
    const cut = first.erase(target!, () => {
      throw new Error("cut off");
    });
    await expect(cut).rejects.toThrow("cut off");
    await first.close();
    expect(await runsOf("cut")).toEqual([]);
    expect((await store.append(runEvents("cut", "r"))).accepted).toBe(0);
    expect(await purge({ project: "cut", reason: "second" })).toEqual(["r"]);
    expect(await kindsOf("cut", "r")).toEqual(["purge"]);
    expect((await store.sql("SELECT reason FROM audit WHERE project = 'cut'")).rows).toEqual([["first"]]);
  });

  test("by age goes by the last event of a run", async () => {
    const received = (run: string, days: number) =>
      asUser(database.ownerUrl, (client) =>
        client.query(
          "UPDATE integraviz.events SET received_at = now() - make_interval(days => $2) WHERE project = 'aged' AND run_id = $1 AND kind = 'on_train_begin'",
          [run, days],
        ),
      );
    for (const run of ["old", "resumed", "young"]) await store.append([runEvents("aged", run)[0]!]);
    await received("old", 100);
    await received("resumed", 100);
    await received("young", 10);
    await store.append([sampleEvent({ project: "aged", run: "resumed" })]);
    expect(await purge({ project: "aged", olderThanDays: 90 })).toEqual(["old"]);
    expect(await runsOf("aged")).toEqual(["resumed", "young"]);
  });

  test("knows every table that is made of the log", async () => {
    const [{ rows }, known] = await asUser(database.ownerUrl, async (client) => [
      await client.query(`SELECT c.table_name AS name FROM information_schema.columns c
        JOIN information_schema.tables t USING (table_schema, table_name)
        WHERE c.table_schema = 'integraviz' AND c.column_name = 'run_id' AND t.table_type = 'BASE TABLE'
          AND c.table_name NOT IN ('events', 'purged_runs')`),
      await derivedTables(client),
    ]);
    expect(rows.map(({ name }) => name).sort()).toEqual(known.toSorted());
  });

  test("is the owner's alone", async () => {
    for (const url of [database.writerUrl, database.readerUrl]) {
      await asUser(url, async (client) => {
        await expect(client.query("DELETE FROM integraviz.events")).rejects.toMatchObject({
          code: expect.stringMatching(/42501|25006/),
        });
        await expect(
          client.query("INSERT INTO integraviz.purged_runs (project, run_id) VALUES ('a', 'b')"),
        ).rejects.toMatchObject({ code: expect.stringMatching(/42501|25006/) });
      });
    }
  });
});

describe("npm run purge", () => {
  async function run(...args: string[]) {
    const child = spawn(process.execPath, ["--import", "tsx", "commands/integraviz.ts", "purge", ...args]);
    let text = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
    const [code] = await once(child, "close");
    return { code, text };
  }

  test("shows, asks, erases", async () => {
    await store.append(runEvents("command", "r1"));
    await store.append(runEvents("command", "r2"));
    const where = ["--url", database.ownerUrl, "--project", "command"];
    const looked = await run(...where, "--dry-run");
    expect(looked).toMatchObject({ code: 0, text: expect.stringContaining("In all 2 runs, 8 events.") });
    const unasked = await run(...where);
    expect(unasked).toMatchObject({ code: 1, text: expect.stringContaining("give --yes") });
    expect(await runsOf("command")).toEqual(["r1", "r2"]);
    const done = await run(...where, "--yes", "--reason", "a wish", "--actor", "bo");
    expect(done).toMatchObject({ code: 0, text: expect.stringContaining("Gone: 2 runs, 8 events.") });
    expect(await runsOf("command")).toEqual([]);
    expect((await store.sql("SELECT actor, reason FROM audit WHERE project = 'command'")).rows).toEqual([
      ["bo", "a wish"],
      ["bo", "a wish"],
    ]);
  });

  test.each([
    [["--help"], 0, "such as 90d"],
    [[], 1, "required option '--project <name>' not specified"],
    [
      ["--project", "p", "--older-than", "90"],
      1,
      "argument '90' is invalid. Give a whole number of days, such as 90d.",
    ],
    [["--project", "p", "--url", "mysql://x"], 1, "--url is no PostgreSQL URL."],
    [["--project", "p", "--data", "nowhere"], 1, "There is no installation in nowhere."],
  ])("%j", async (args, code, text) => {
    expect(await run(...args)).toMatchObject({ code, text: expect.stringContaining(text) });
  });
});
