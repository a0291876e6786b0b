import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrate } from "../../../../functions/stores/postgres/migrate.ts";
import { openPostgresStore } from "../../../../functions/stores/postgres/postgres.ts";
import type { Store } from "../../../../functions/stores/store.ts";
import { eventLines } from "../../../../operations/files/event-lines.ts";
import { exportEvents } from "../../../../operations/files/export.ts";
import { command } from "../../../commands/command-line.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { asUser, connected, type FreshDatabase, freshDatabase } from "./fresh-database.ts";

const RUNS = 1_200;
const PROJECT = "many";

let database: FreshDatabase;
let store: Store;
let folder: string;

beforeAll(async () => {
  database = await freshDatabase();
  store = openPostgresStore(database);
  folder = mkdtempSync(join(tmpdir(), "integraviz-positions-"));
  await asOwner((client) =>
    client.query("INSERT INTO project_access VALUES ('integraviz_owner', '*', true) ON CONFLICT DO NOTHING"),
  );
});
afterAll(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const asOwner = <T>(work: (client: pg.Client) => Promise<T>) =>
  asUser(database.ownerUrl, async (client) => {
    await client.query("SET search_path = integraviz");
    return work(client);
  });
const begin = (project: string, run: string) =>
  store.append([sampleEvent({ project, run, id: `begin ${run}`, kind: "on_train_begin" })]);
const stop = (project: string, run: string, reason = "enough") =>
  asOwner((client) => client.query("SELECT request_stop($1, $2, $3)", [project, run, reason]));

describe("many events of one transaction", () => {
  beforeAll(async () => {
    const runs = Array.from({ length: RUNS }, (_, run) => String(run));
    await store.append(
      runs.map((run) => sampleEvent({ project: PROJECT, run, id: `begin ${run}`, kind: "on_train_begin" })),
    );
    await asOwner((client) => client.query("SELECT request_stop(project, run, 'all of them') FROM runs"));
  });

  test("stand at positions of their own", async () => {
    const { rows } = await asOwner((client) =>
      client.query("SELECT count(*)::int, count(DISTINCT pos)::int AS places FROM events"),
    );
    expect(rows).toEqual([{ count: 2 * RUNS, places: 2 * RUNS }]);
  });

  test.each([1_000, 500, 7])("come to a reader of the stream whole, in pages of %i", async (limit) => {
    const ids = new Set<string>();
    for (let [after, more] = ["0", true]; more; ) {
      const page = await store.events({ project: PROJECT, after, limit });
      for (const { event_id } of page.events) ids.add(event_id);
      [after, more] = [page.cursor, page.more];
    }
    expect(ids.size).toBe(2 * RUNS);
  });

  test("are in an export", async () => {
    const file = join(folder, "events.jsonl");
    const exported = await exportEvents(store, { file, format: eventLines }, () => {});
    expect(exported.events).toBe(2 * RUNS);
    expect(readFileSync(file, "utf8").trimEnd().split("\n")).toHaveLength(2 * RUNS);
  });

  test("are copied, with proof", async () => {
    const to = await freshDatabase();
    const args = ["--from", database.writerUrl, "--to", to.writerUrl, "--json"];
    const { code, text } = await command("copy", args, folder).ended;
    expect(code, text).toBe(0);
    expect(text).toContain(`"size": ${2 * RUNS}`);
  });

  test("cannot share one, whatever writes them", async () => {
    const same = asUser(database.writerUrl, (client) =>
      client.query(
        `INSERT INTO events (pos, seq, created_at, project, run_id, event_id, writer, kind)
         SELECT pg_current_xact_id()::text::bigint << 20, 1, now(), 'shared', 'r', n::text, '', 'k' FROM generate_series(1, 2) n`,
      ),
    );
    await expect(same).rejects.toMatchObject({ code: "23505", constraint: "events_by_pos" });
  });

  test("that shared one in an older version are told apart by the migration", async () => {
    const older = await freshDatabase();
    await asUser(older.ownerUrl, async (client) => {
      await client.query("SET search_path = integraviz");
      await client.query("DELETE FROM migrations WHERE name = '007-positions.sql'");
      await client.query("DROP INDEX events_by_pos; CREATE INDEX events_by_pos ON events (pos)");
      await client.query(
        `INSERT INTO events (pos, seq, created_at, project, run_id, event_id, writer, kind)
         SELECT n / 3 << 20, 1, now(), 'p', 'r', n::text, '', 'k' FROM generate_series(3, 11) n`,
      );
      await migrate(older.ownerUrl);
      const { rows } = await client.query(
        "SELECT pos >> 20 AS xid, array_agg(pos & 1048575 ORDER BY pos) AS n FROM events GROUP BY 1 ORDER BY 1",
      );
      expect(rows).toEqual(["1", "2", "3"].map((xid) => ({ xid, n: ["0", "1", "2"] })));
    });
  });
});

describe("request_stop", () => {
  test.each([
    ["an empty reason", " \n", "reason has 0 characters."],
    ["a long reason", "x".repeat(2_001), "reason has 2001 characters."],
  ])("refuses %s, as HTTP does", async (_, reason, message) => {
    await begin("limits", "r");
    const refused = stop("limits", "r", reason);
    await expect(refused).rejects.toMatchObject({ code: "22023", message, hint: "Say why in 1 to 2,000 characters." });
  });

  test("refuses a run that has ended, as HTTP does", async () => {
    await begin("limits", "ended");
    await store.append([sampleEvent({ project: "limits", run: "ended", id: "end", kind: "on_train_end" })]);
    await expect(stop("limits", "ended")).rejects.toMatchObject({
      code: "55000",
      message: "The run ended in project limits has ended: it is finished.",
    });
  });

  test("refuses to come after something else that writes, which readers do not wait for", async () => {
    await begin("limits", "late");
    await asOwner(async (client) => {
      await client.query("BEGIN");
      await client.query("SELECT pg_current_xact_id()");
      const late = client.query("SELECT request_stop('limits', 'late', 'x')");
      await expect(late).rejects.toMatchObject({ code: "55000", hint: expect.stringContaining("or first") });
    });
  });
});

describe("the end of the log", () => {
  test("does not wait for a transaction that appends nothing, and waits for one that does", async () => {
    const reader = await connected(database.ownerUrl);
    await reader.query("BEGIN");
    await reader.query("SELECT pg_current_xact_id()");
    try {
      await store.append([sampleEvent({ project: "waits", id: "first" })]);
      const ids = async () =>
        (await store.events({ project: "waits", after: "0", limit: 10 })).events.map(({ event_id }) => event_id);
      await expect.poll(ids).toEqual(["first"]);
      const writer = await connected(database.writerUrl);
      await writer.query("BEGIN");
      await writer.query(
        `INSERT INTO events (pos, seq, created_at, project, run_id, event_id, writer, kind)
         SELECT pg_current_xact_id()::text::bigint << 20, 1, now(), 'waits', 'r', 'slow', '', 'k'`,
      );
      await store.append([sampleEvent({ project: "waits", id: "last" })]);
      expect(await ids()).toEqual(["first"]);
      await writer.query("COMMIT");
      await expect.poll(ids).toEqual(["first", "slow", "last"]);
      await writer.end();
    } finally {
      await reader.end();
    }
  });
});
