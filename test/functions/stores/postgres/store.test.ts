import { createServer, type Server, type Socket } from "node:net";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SigningKey } from "../../../../contract/tokens.ts";
import { createHandler } from "../../../../functions/http/handler.ts";
import { createVerifier, signToken } from "../../../../functions/http/tokens.ts";
import { customMetrics } from "../../../../functions/stores/custom-metrics.ts";
import { isOfRow, isPassing } from "../../../../functions/stores/postgres/connection.ts";
import { openPostgresStore } from "../../../../functions/stores/postgres/postgres.ts";
import type { Store } from "../../../../functions/stores/store.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { asUser, type FreshDatabase, freshDatabase } from "./fresh-database.ts";

let database: FreshDatabase;
let store: Store;
const losses: Error[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  store = openPostgresStore({ ...database, onLoss: (error) => losses.push(error) });
});
afterAll(() => store.close());

const asWriter = <T>(work: (client: pg.Client) => Promise<T>) => asUser(database.writerUrl, work);
const asReader = <T>(work: (client: pg.Client) => Promise<T>) => asUser(database.readerUrl, work);
const countOf = (project: string) =>
  asWriter(async (client) => {
    const { rows } = await client.query("SELECT count(*)::integer AS n FROM events WHERE project = $1", [project]);
    return (rows[0] as { n: number }).n;
  });

describe("one request does not fail its neighbours", () => {
  test("what the database refuses is refused alone, among many that share its statement", async () => {
    const good = Array.from({ length: 60 }, () => [
      sampleEvent({ project: "poison" }),
      sampleEvent({ project: "poison" }),
    ]);
    const bad = ['{"a":"\\u0000"}', '{"a":"\\ud800"}', "{", ""].map((logs) => [
      sampleEvent({ project: "poison" }),
      sampleEvent({ project: "poison", logs }),
    ]);
    const requests = good.flatMap((events, index) => (index % 15 === 7 ? [events, bad[(index - 7) / 15]!] : [events]));
    const answers = await Promise.allSettled(requests.map((events) => store.append(events)));
    answers.forEach((answer, index) => {
      if (bad.includes(requests[index]!)) expect(answer.status).toBe("rejected");
      else expect(answer).toMatchObject({ status: "fulfilled", value: { accepted: 2, duplicates: 0, conflicts: [] } });
    });
    expect(await countOf("poison")).toBe(120);
  });
});

describe("the same events from many at once", () => {
  test("in any order, from 8 processes: no deadlock, stored once, counted once", async () => {
    // A database of its own, whose counters are complete once nobody is connected.
    const own = await freshDatabase();
    const stores = Array.from({ length: 8 }, () => openPostgresStore(own));
    const ROUNDS = 5;
    const sums = { accepted: 0, duplicates: 0, conflicts: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const events = Array.from({ length: 500 }, (_, index) =>
        sampleEvent({ id: `${round}-${index}`, step: index, logs: `{"loss":${index}}` }),
      );
      const shuffled = (salt: number) => events.toSorted((a, b) => hash(a.id, salt) - hash(b.id, salt));
      const answers = await Promise.all(stores.map((one, caller) => one.append(shuffled(caller))));
      for (const { accepted, duplicates, conflicts } of answers) {
        sums.accepted += accepted;
        sums.duplicates += duplicates;
        sums.conflicts += conflicts.length;
      }
    }
    await Promise.all(stores.map((one) => one.close()));
    expect(sums).toEqual({ accepted: 500 * ROUNDS, duplicates: 500 * ROUNDS * 7, conflicts: 0 });
    await asUser(own.superUrl, async (client) => {
      const first = async (sql: string) => Object.values((await client.query(sql)).rows[0] as object)[0] as number;
      expect(await first("SELECT count(*)::integer FROM events")).toBe(500 * ROUNDS);
      const connected = "SELECT numbackends::integer FROM pg_stat_database WHERE datname = current_database()";
      await expect.poll(() => first(connected)).toBe(1);
      expect(await first(connected.replace("numbackends", "deadlocks"))).toBe(0);
    });
  }, 60_000);
});

describe("series", () => {
  test("points of one seq come in the order in which they arrived, whatever plan the database takes", async () => {
    const events = [..."hgfedcba"].map((id, step) =>
      sampleEvent({ project: "ties", id, step, logs: `{"loss":${step}}` }),
    );
    await store.append(events);
    await asUser(database.ownerUrl, (client) => client.query("ANALYZE events"));
    for (const settings of [{}, { enable_indexscan: "off", enable_bitmapscan: "off" }, { enable_seqscan: "off" }]) {
      const url = new URL(database.writerUrl);
      url.searchParams.set(
        "options",
        Object.entries(settings)
          .map(([name, value]) => `-c ${name}=${value}`)
          .join(" "),
      );
      const planned = openPostgresStore({ ...database, writerUrl: String(url) });
      const query = { project: "ties", runs: ["run"], metrics: ["loss"], x: "step", points: 100 } as const;
      await expect
        .poll(async () => (await planned.series({ ...query, runs: ["run"], metrics: ["loss"] })).series[0]?.x)
        .toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
      await planned.close();
    }
  });
});

describe("the log", () => {
  test("pages of large events end at some MB, and come to all of them", async () => {
    const logs = JSON.stringify({ text: "x".repeat(1_900_000) });
    const events = Array.from({ length: 20 }, (_, index) => sampleEvent({ project: "large", id: `${index}`, logs }));
    await store.append(events.slice(0, 10));
    await store.append(events.slice(10));
    const before = await store.settled();
    const pages: string[][] = [];
    for (let after: string | null = null, more = true; more; ) {
      const page = await store.log({ after, before, project: "large", limit: 100 });
      pages.push(page.events.map(({ id }) => id));
      ({ cursor: after, more } = page);
    }
    expect(pages.flat()).toEqual(events.map(({ id }) => id));
    expect(pages.map(({ length }) => length)).toEqual([9, 9, 2]);
  });

  test("is settled only when an older append has ended", async () => {
    const begun = await asUser(database.ownerUrl, async (client) => {
      await client.query("BEGIN");
      await client.query("LOCK TABLE integraviz.events IN ROW EXCLUSIVE MODE");
      await client.query("SELECT pg_current_xact_id()");
      await store.append([sampleEvent({ project: "held" })]);
      let isSettled = false;
      const settled = store.settled().then((cursor) => {
        isSettled = true;
        return cursor;
      });
      await store.cursor();
      expect(isSettled).toBe(false);
      await client.query("ROLLBACK");
      return settled;
    });
    expect(await store.logSize({ after: null, before: begun, project: "held" })).toBe(1);
  });
});

describe("durability and rights", () => {
  test("an answer means it is on disk: nothing of that is turned off", async () => {
    await asWriter(async (client) => {
      for (const setting of ["fsync", "full_page_writes"])
        expect((await client.query(`SHOW ${setting}`)).rows).toEqual([{ [setting]: "on" }]);
    });
    // Of the session that appends, as the statement finds it.
    const own = await freshDatabase();
    const appending = openPostgresStore(own);
    await asUser(own.ownerUrl, async (client) => {
      await client.query(`
        CREATE TABLE seen (setting text);
        CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
          INSERT INTO seen VALUES (current_setting('synchronous_commit'));
          RETURN NULL;
        END $$;
        CREATE TRIGGER see AFTER INSERT ON events FOR EACH STATEMENT EXECUTE FUNCTION see()`);
      await appending.append([sampleEvent({ id: "new" })]);
      await appending.append([sampleEvent({ id: "new" }), sampleEvent()]);
      const { rows } = await client.query("SELECT DISTINCT setting FROM seen");
      expect(rows).toEqual([{ setting: "on" }]);
    });
    await appending.close();
  });

  test.each([
    "UPDATE events SET kind = 'x'",
    "DELETE FROM events",
    "TRUNCATE events",
    "DROP TABLE events",
    "ALTER TABLE events DISABLE TRIGGER ALL",
    "UPDATE log_origin SET xid_offset = 0",
    "DELETE FROM denied_tokens",
    "CREATE TABLE integraviz.mine (a int)",
    "SELECT * FROM migrations",
  ])("the writer cannot %s", async (statement) => {
    await expect(asWriter((client) => client.query(statement))).rejects.toMatchObject({
      code: expect.stringMatching(/^42501$/),
    });
  });

  test("the reader sees the views and nothing else", async () => {
    await asReader(async (client) => {
      const { rows } = await client.query(
        `SELECT relname FROM pg_class WHERE relnamespace = 'integraviz'::regnamespace
         AND has_table_privilege(oid, 'SELECT') AND relkind IN ('r', 'v', 'm', 'p') ORDER BY 1`,
      );
      const custom = customMetrics().map(({ name }) => name);
      const views = ["audit", "latest_metrics", "metric_lines", "metric_names", "metrics", "raw_link"];
      views.push("run_summary", "runs", "custom_metrics");
      expect(rows.map(({ relname }) => relname).sort()).toEqual([...views, ...custom].sort());
      await expect(client.query("SELECT * FROM events")).rejects.toMatchObject({ code: "42501" });
      await expect(client.query("CREATE TEMP TABLE mine (a int)")).rejects.toMatchObject({ code: "25006" });
      const { rows: limits } = await client.query("SHOW statement_timeout");
      expect(limits).toEqual([{ statement_timeout: "1min" }]);
    });
  });
});

describe("a database that goes away", () => {
  const terminateAll = () =>
    asUser(database.superUrl, (client) =>
      client.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename LIKE 'integraviz_%' AND datname = current_database()",
      ),
    );

  test("is survived: appends under way are answered, reads and wakes go on, health says ok", async () => {
    let woken = 0;
    const forget = store.onAppend(() => {
      woken += 1;
    });
    await expect.poll(() => woken).toBeGreaterThan(0);
    await store.sql("SELECT 1");
    losses.length = 0;
    const events = Array.from({ length: 200 }, (_, index) => sampleEvent({ project: "survived", id: `id-${index}` }));
    const appends = Promise.all(events.map((event) => store.append([event])));
    for (let index = 0; index < 3; index++) await terminateAll();
    const answers = await appends;
    expect(answers.every(({ accepted, duplicates, conflicts }) => accepted + duplicates + conflicts.length === 1)).toBe(
      true,
    );
    expect(answers.flatMap(({ conflicts }) => conflicts)).toEqual([]);
    expect(await countOf("survived")).toBe(200);
    await terminateAll();
    await expect.poll(() => store.health()).toEqual({ ok: true, kind: "postgres" });
    expect((await store.sql("SELECT 1")).rows).toEqual([[1]]);
    expect(losses.length).toBeGreaterThan(0);
    const before = woken;
    await expect
      .poll(async () => {
        await store.append([sampleEvent({ project: "survived" })]);
        return woken;
      })
      .toBeGreaterThan(before + 1);
    forget();
  }, 60_000);

  test("a statement under way when its connection breaks is tried again", async () => {
    const slow = store.sql("SELECT pg_sleep(1)");
    const isUnderWay = async () => {
      const { rows } = await asUser(database.superUrl, (client) =>
        client.query(
          "SELECT FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND datname = current_database()",
        ),
      );
      return rows.length;
    };
    await expect.poll(isUnderWay).toBe(1);
    await terminateAll();
    expect((await slow).rows).toEqual([[""]]);
  });

  test("out of reach is 503 and not a crash, healthz says so", async () => {
    const nowhere = "postgres://integraviz_writer:x@127.0.0.1:1/nothing";
    const away = openPostgresStore({ writerUrl: nowhere, readerUrl: nowhere });
    expect(await away.health()).toMatchObject({ ok: false, kind: "postgres" });
    const key: SigningKey = {
      kty: "oct",
      alg: "HS256",
      kid: "k",
      k: Buffer.from("k".repeat(32)).toString("base64url"),
    };
    const token = await signToken(key, { actor: "a", projects: "*", scopes: ["read"], jti: "1" });
    const reports: unknown[] = [];
    const verify = createVerifier({ keys: [key], denied: () => away.deniedTokens() });
    const app = createHandler({ store: away, verify, report: (error) => reports.push(error) });
    const ask = (path: string) =>
      app.fetch(new Request(`http://x${path}`, { headers: { authorization: `Bearer ${token}` } }));
    expect((await ask("/healthz")).status).toBe(503);
    const answer = await ask("/v1/runs");
    expect(answer.status).toBe(503);
    expect(answer.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(reports).toEqual([]);
    await away.close();
  });

  test("a connection that breaks while it is made ready takes nobody with it", async () => {
    const server = await half();
    const { port } = server.address() as { port: number };
    const url = `postgres://integraviz_writer:x@127.0.0.1:${port}/x`;
    const broken = openPostgresStore({ writerUrl: url, readerUrl: url });
    const answers = await Promise.allSettled([broken.cursor(), broken.sql("SELECT 1"), broken.health()]);
    expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    const append = broken.append([sampleEvent()]);
    await expect(append).rejects.toMatchObject({ status: 503 });
    await broken.close();
    server.close();
  }, 30_000);

  test("a closed store leaves no connection behind", async () => {
    const own = await freshDatabase();
    const brief = openPostgresStore(own);
    brief.onAppend(() => {})();
    brief.onAppend(() => {});
    await brief.append([sampleEvent({ project: "brief" })]);
    await Promise.all([
      brief.projects(),
      brief.sql("SELECT 1"),
      brief.sqlWithin?.(["brief"], "SELECT 1"),
      brief.health(),
      brief.sealed(),
    ]);
    await brief.close();
    const again = openPostgresStore(own);
    again.onAppend(() => {})();
    await again.close();
    const others = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    await asUser(own.superUrl, (client) => expect.poll(async () => (await client.query(others)).rows).toEqual([]));
  });

  test("a process that only appends logs in once", async () => {
    const own = await freshDatabase();
    const store = openPostgresStore({ ...own, seals: false });
    await store.deniedTokens();
    await store.append([sampleEvent()]);
    const logins =
      "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'integraviz'";
    await asUser(own.superUrl, async (client) => expect((await client.query(logins)).rowCount).toBe(1));
    await store.close();
  });

  test("health does not wait behind reads; who finds every connection busy is told so", async () => {
    const busy = openPostgresStore(database);
    await asUser(database.ownerUrl, async (client) => {
      await client.query("BEGIN; LOCK TABLE denied_tokens");
      const reads = Array.from({ length: 5 }, () => busy.deniedTokens());
      const refused = expect(
        Promise.any(
          reads.map((read) =>
            read.then(
              () => Promise.reject(),
              (error) => error,
            ),
          ),
        ),
      );
      expect(await busy.health()).toEqual({ ok: true, kind: "postgres" });
      await refused.resolves.toMatchObject({ status: 503, message: "Every connection to the database is busy." });
      await client.query("ROLLBACK");
      const answers = await Promise.allSettled(reads);
      expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(4);
    });
    await busy.close();
  }, 30_000);

  test.each(["EHOSTUNREACH", "ENETUNREACH", "ECONNREFUSED", "08006", "25006", "53100", "53200", "57P01"])(
    "%s may pass, and is about no row",
    (code) => {
      expect([isPassing({ code }), isOfRow({ code })]).toEqual([true, false]);
    },
  );

  test.each([
    ["22P05", true],
    ["23514", true],
    ["42703", false],
    ["XX000", false],
    ["EACCES", false],
    [undefined, false],
  ])("%s does not pass; about a row: %s", (code, ofRow) => {
    expect([isPassing({ code }), isOfRow({ code })]).toEqual([false, ofRow]);
  });
});

/** Lets everyone in, then hangs up on the first question. */
async function half(): Promise<Server> {
  const server = createServer((socket: Socket) => {
    socket.on("error", () => {});
    socket.once("data", () => {
      // AuthenticationOk, then ReadyForQuery.
      socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]));
      socket.once("data", () => socket.destroy());
    });
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return server;
}

function hash(text: string, salt: number): number {
  let sum = salt;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 1_000_003;
  return (sum * 7919) % 10_007;
}
