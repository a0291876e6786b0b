import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { migrate } from "../../../../functions/stores/postgres/migrate.ts";
import { openPostgresStore } from "../../../../functions/stores/postgres/postgres.ts";
import type { Store } from "../../../../functions/stores/store.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { asUser, connected, type FreshDatabase, freshDatabase } from "./fresh-database.ts";

let database: FreshDatabase;
let store: Store;
beforeAll(async () => {
  database = await freshDatabase();
  store = openPostgresStore(database);
});
afterAll(() => store.close());

const asOwner = <T>(work: (client: pg.Client) => Promise<T>) =>
  asUser(database.ownerUrl, async (client) => {
    await client.query("SET search_path = integraviz");
    return work(client);
  });

/** What is known that the log does not say, or the other way round: nothing. */
const differences = () =>
  asOwner(async (client) => {
    const first = "SELECT DISTINCT ON (project, run_id) project, run_id, pos, created_at FROM events ORDER BY 1, 2, 3";
    const known = "SELECT project, run_id, pos, started_at FROM run_keys";
    return (await client.query(`((${first}) EXCEPT ${known}) UNION ALL (${known} EXCEPT (${first}))`)).rows;
  });

const startOf = async (run: string) => (await store.run("starts", run))?.started_at;
const iso = (second: number) => `2026-01-01T00:00:0${second}.000000Z`;
const SECOND = 1_000_000;
const NEW_YEAR = 1_767_225_600 * SECOND;

/** Appends an event in the client's transaction, at the position that is its. */
const appendBy = (client: pg.Client, run: string, second: number) =>
  client.query(
    `INSERT INTO integraviz.events (project, run_id, event_id, writer, seq, kind, created_at, pos)
     SELECT 'starts', $1, $1 || $2::bigint, '', $2, 'note', to_timestamp($3), (pg_current_xact_id()::text::bigint + xid_offset) << 20
     FROM integraviz.log_origin`,
    [run, second, NEW_YEAR / SECOND + second],
  );

describe("where each run starts", () => {
  test("is told by whatever stores its first event, once", async () => {
    const of = (run: string, second: number) =>
      sampleEvent({
        project: "starts",
        run,
        id: `${run}${second}`,
        kind: "note",
        createdAt: NEW_YEAR + second * SECOND,
      });
    await store.append([of("b", 1), of("a", 2), of("b", 3)]);
    await store.append([of("a", 1), of("c", 3)]);
    expect([await startOf("a"), await startOf("b"), await startOf("c")]).toEqual([iso(2), iso(1), iso(3)]);
    expect(await differences()).toEqual([]);
  });

  test("is its event of the lowest position, though another was there before, and none waits for the other", async () => {
    const [early, late] = [await connected(database.ownerUrl), await connected(database.ownerUrl)];
    try {
      // As every append does: from then on its position is the lower one.
      await early.query("BEGIN; LOCK TABLE integraviz.events IN ROW EXCLUSIVE MODE; SELECT pg_current_xact_id()");
      await appendBy(late, "raced", 5);
      expect(await startOf("raced")).toBe(iso(5));
      await appendBy(early, "raced", 4);
      await appendBy(late, "raced", 6);
      expect(await startOf("raced")).toBe(iso(5));
      await early.query("COMMIT");
      expect(await startOf("raced")).toBe(iso(4));
      expect(await differences()).toEqual([]);
    } finally {
      await Promise.all([early.end(), late.end()]);
    }
  });

  test("is found for what stood in the log before it was kept", async () => {
    const before = await asOwner(async (client) => {
      const { rows } = await client.query("SELECT count(*)::integer AS n FROM run_starts");
      await client.query("DROP TABLE run_starts CASCADE");
      await client.query("DROP FUNCTION note_run_starts CASCADE");
      await client.query("DELETE FROM migrations WHERE name = '014-run-starts.sql'");
      return rows[0].n;
    });
    await migrate(database.ownerUrl);
    expect(before).toBeGreaterThan(3);
    expect(await differences()).toEqual([]);
    expect((await store.runs({ project: "starts", sort: "-started_at", limit: 2 })).runs.map(({ run }) => run)).toEqual(
      ["raced", "c"],
    );
  });
});
