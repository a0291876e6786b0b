import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { panelLogin } from "../../../../functions/stores/postgres/panel-logins.ts";
import { openPostgresStore } from "../../../../functions/stores/postgres/postgres.ts";
import type { Store } from "../../../../functions/stores/store.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { asUser, connected, type FreshDatabase, freshDatabase } from "./fresh-database.ts";

/** How a run of project `project` looks in the log; all names of the other project hold this word. */
const SECRET = "hush";
const OTHERS = 997;

let database: FreshDatabase;
let store: Store;
let directUrl: string;
/** What each attempt got while there was nothing but project a. */
const alone = new Map<string, string>();

beforeAll(async () => {
  database = await freshDatabase();
  store = openPostgresStore(database);
  await store.append(probeEvents("a", "mine", 5));
  await store.sqlWithin!(["a"], "SELECT 1");
  const { login, password } = panelLogin(new URL(database.readerUrl).password, ["a"]);
  const url = new URL(database.readerUrl);
  Object.assign(url, { username: login, password });
  directUrl = String(url);
  await asUser(database.ownerUrl, (client) => client.query("ANALYZE events"));
  for (const attempt of [...queries, ...statements]) alone.set(attempt, await attempted(attempt));
  const others = probeEvents(`${SECRET}-project`, `${SECRET}-run`, OTHERS);
  await store.append(others);
  await asUser(database.ownerUrl, (client) => client.query("ANALYZE events"));
});
afterAll(() => store.close());

function probeEvents(project: string, run: string, count: number) {
  const of = (logs: object, more: object) => sampleEvent({ project, run, logs: JSON.stringify(logs), ...more });
  return [
    of({}, { kind: "on_train_begin", id: `${project}-begin` }),
    of({ name: run, note: run }, { kind: "tags", id: `${project}-tags` }),
    of({ reason: run }, { kind: "stop_requested", actor: `${run}-actor`, id: `${project}-stop` }),
    ...Array.from({ length: count }, (_, index) =>
      of({ [`${run}-loss`]: index + 1 }, { epoch: index, step: index, id: `${project}-${index}` }),
    ),
  ];
}

const views = ["runs", "metrics", "metric_names", "metric_lines", "latest_metrics", "run_summary", "audit", "raw_link"];

/** Each is one query, put to the panel and to a login that connects by itself. */
const queries = [
  ...views.map((view) => `SELECT count(*) FROM ${view}`),
  ...views.flatMap((view) => (view === "raw_link" ? [] : [`SELECT DISTINCT project FROM ${view}`])),
  ...["events", "runs", "metrics", "project_access", "log_origin", "logged"].map(
    (name) => `SELECT * FROM integraviz.${name}`,
  ),
  "SELECT * FROM logged",
  // Whatever a session may set.
  `SELECT set_config('role', 'integraviz_owner', false)`,
  `SELECT set_config('session_authorization', 'integraviz_reader', false)`,
  `SELECT set_config('row_security', 'off', false), (SELECT count(*) FROM raw_link)`,
  `SELECT set_config('search_path', 'integraviz', false), (SELECT count(*) FROM runs)`,
  `SELECT set_config('enable_indexscan', 'off', false), (SELECT count(*) FROM raw_link)`,
  // Errors that would show a value of a row that is looked at before it is hidden.
  `SELECT id::integer FROM raw_link`,
  `SELECT 1 / (length(id) - ${`${SECRET}-run`.length}) FROM raw_link`,
  `SELECT count(*) FROM raw_link WHERE 1 / (length(id) - ${`${SECRET}-run`.length}) >= 0`,
  `SELECT * FROM metrics WHERE (metric || 'x')::integer > 0`,
  `SELECT * FROM runs WHERE (tags ->> 'note')::date > now()`,
  `SELECT jsonb_object_agg(id, logs) FILTER (WHERE id LIKE '${SECRET}%') FROM raw_link`,
  // Statements within a query.
  `SELECT query_to_xml('SELECT * FROM raw_link WHERE id LIKE ''${SECRET}%''', true, false, '')`,
  `SELECT query_to_xml('EXPLAIN SELECT * FROM raw_link', true, false, '')`,
  `SELECT query_to_xml('SELECT * FROM integraviz.events', true, false, '')`,
  `SELECT table_to_xml('integraviz.events', true, false, '')`,
  `SELECT schema_to_xml('integraviz', true, false, '')`,
  // Functions.
  `SELECT * FROM pending_stop('${SECRET}-project', '${SECRET}-run')`,
  `SELECT * FROM pending_requests('${SECRET}-project', '${SECRET}-run')`,
  `SELECT ensure_panel_login('integraviz_panel_000000000000000000000000', 'x', ARRAY['${SECRET}-project'])`,
  `SELECT log_horizon()`,
  // Catalogs.
  `SELECT * FROM pg_stats WHERE schemaname LIKE 'integraviz%'`,
  `SELECT * FROM pg_statistic`,
  `SELECT reltuples, relpages FROM pg_class WHERE relname = 'events'`,
  `SELECT n_live_tup, n_tup_ins FROM pg_stat_all_tables WHERE relname = 'events'`,
  `SELECT tup_inserted FROM pg_stat_database`,
  `SELECT * FROM pg_statio_user_indexes`,
  `SELECT pg_stat_get_live_tuples('integraviz.events'::regclass)`,
  `SELECT pg_relation_size('integraviz.events'), pg_total_relation_size('integraviz.events')`,
  `SELECT pg_database_size(current_database()), pg_indexes_size('integraviz.events')`,
  `SELECT query FROM pg_stat_activity`,
  // How much others store, by the write-ahead log; what fills the disk; what would hold the log's horizon.
  `SELECT pg_current_wal_insert_lsn()`,
  `SELECT pg_current_wal_lsn(), pg_current_wal_flush_lsn()`,
  `SELECT * FROM pg_control_checkpoint()`,
  `SELECT pg_logical_emit_message(false, 'x', 'y')`,
  `SELECT lo_from_bytea(0, 'x')`,
  `SELECT pg_current_xact_id()`,
  `SELECT txid_current()`,
  `SELECT pg_current_snapshot()`,
  `SELECT txid_current_snapshot()`,
  `SELECT pg_export_snapshot()`,
  `SELECT pg_notify('integraviz_events', '')`,
  // Locks of others, and those that could be held against them.
  `SELECT * FROM pg_locks`,
  `SELECT * FROM pg_lock_status()`,
  `SELECT pg_advisory_lock(1)`,
  `SELECT pg_try_advisory_lock_shared(1, 1)`,
  `SELECT pg_try_advisory_xact_lock(hashtextextended('${SECRET}-project' || E'\\n' || '${SECRET}-run', 2))`,
  `SELECT pg_advisory_unlock_all()`,
  `SELECT rolname FROM pg_roles WHERE rolname LIKE '%${SECRET}%'`,
  `SELECT relname FROM pg_class WHERE relname LIKE '%${SECRET}%'`,
  `SELECT policyname, qual FROM pg_policies`,
  `SELECT table_name FROM information_schema.tables WHERE table_schema LIKE 'integraviz%' ORDER BY 1`,
  `SELECT description FROM pg_description WHERE description LIKE '%${SECRET}%'`,
];

/** Not queries: the panel takes none of them; a login that connects by itself may send them. */
const statements = [
  "SET ROLE integraviz_owner",
  "SET ROLE integraviz_projects",
  "SET ROLE integraviz_reader",
  "SET SESSION AUTHORIZATION integraviz_reader",
  "SET ROLE integraviz_project_reader; SELECT count(*) FROM raw_link",
  "SET row_security = off; SELECT count(*) FROM raw_link",
  "COPY (SELECT * FROM raw_link ORDER BY epoch, logs) TO STDOUT",
  "COPY integraviz.events TO STDOUT",
  "BEGIN; DECLARE c CURSOR FOR SELECT * FROM raw_link ORDER BY epoch, logs; FETCH ALL FROM c; COMMIT",
  "PREPARE p AS SELECT count(*) FROM raw_link; EXECUTE p",
  `PREPARE q (text) AS SELECT count(*) FROM raw_link WHERE id LIKE $1; EXECUTE q ('${SECRET}%')`,
  "DO $$ BEGIN RAISE EXCEPTION '%', (SELECT count(*) FROM raw_link); END $$",
  "SET default_transaction_read_only = off; CREATE TABLE integraviz_projects.mine (a int)",
  "SET default_transaction_read_only = off; INSERT INTO integraviz.project_access VALUES (session_user, 'x')",
  "SET default_transaction_read_only = off; CREATE TEMP VIEW mine AS SELECT * FROM integraviz.events; SELECT * FROM mine",
  `SET default_transaction_read_only = off;
   CREATE FUNCTION pg_temp.leak(v text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS
     $$ BEGIN RAISE EXCEPTION 'saw %', v; RETURN true; END $$;
   SELECT count(*) FROM raw_link WHERE id <> 'mine' AND pg_temp.leak(id)`,
  "GRANT integraviz_project_reader TO integraviz_reader",
  "ALTER VIEW integraviz_projects.runs OWNER TO session_user",
  "ALTER TABLE integraviz.events DISABLE ROW LEVEL SECURITY",
  "LOCK TABLE integraviz.events",
  "ANALYZE VERBOSE integraviz.events",
  "VACUUM VERBOSE integraviz.events",
];

/** What comes back, whatever it is, without what the clock says. */
async function attempted(attempt: string): Promise<string> {
  const answers: unknown[] = [];
  const keep = async (work: () => Promise<unknown>) => {
    answers.push(
      await work().catch((error: Error & { detail?: string; details?: object }) => [
        error.message,
        error.detail,
        error.details,
      ]),
    );
  };
  if (queries.includes(attempt)) await keep(() => store.sqlWithin!(["a"], attempt));
  await keep(() =>
    asUser(directUrl, async (client) => {
      const notices: unknown[] = [];
      client.on("notice", ({ message }) => notices.push(message));
      const copied: string[] = [];
      const { connection } = client as unknown as { connection: NodeJS.EventEmitter };
      connection.on("copyData", ({ chunk }: { chunk: Buffer }) => copied.push(String(chunk)));
      const results = [await client.query(attempt)].flat();
      return [notices, copied, results.map(({ rows }) => rows)];
    }),
  );
  return JSON.stringify(answers);
}

describe("a reader of project a, whatever is tried", () => {
  test("sees its own", async () => {
    expect((await store.sqlWithin!(["a"], "SELECT project, run, name FROM runs")).rows).toEqual([
      ["a", "mine", "mine"],
    ]);
    expect((await store.sqlWithin!(["a"], "SELECT count(*) FROM metrics")).rows).toEqual([[5]]);
    expect((await store.sqlWithin!(["a"], "SELECT count(*) FROM raw_link")).rows).toEqual([[8]]);
  });

  test("has others beside it, whom a reader of all projects sees", async () => {
    const counted = await store.sql("SELECT project, count(*) FROM metrics GROUP BY 1 ORDER BY 1");
    expect(counted.rows).toEqual([
      ["a", 5],
      [`${SECRET}-project`, OTHERS],
    ]);
  });

  test.each([...queries, ...statements])("%s: as if there were no other project", async (attempt) => {
    const got = await attempted(attempt);
    expect(got).toBe(alone.get(attempt));
    expect(got.replaceAll(attempt, "")).not.toContain(`${SECRET}-`);
  });

  test("there is no way round by a database whose catalogs are open to all", async () => {
    for (const other of ["postgres", "template1"]) {
      const url = new URL(directUrl);
      url.pathname = other;
      await expect(asUser(String(url), async () => {})).rejects.toMatchObject({ code: "42501" });
    }
  });

  test("no reader can hold a lock that the owner's commands wait for", async () => {
    for (const url of [directUrl, database.readerUrl])
      await asUser(url, async (client) => {
        for (const lock of ["pg_advisory_lock(1)", "pg_try_advisory_xact_lock_shared(1)"])
          await expect(client.query(`SELECT ${lock}`)).rejects.toMatchObject({ code: "42501" });
      });
  });

  test.each(views)("no row of another project is so much as looked at for %s", async (view) => {
    const plan = await asUser(directUrl, (client) =>
      client.query(`EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM ${view}`),
    );
    const text = plan.rows.map((row) => row["QUERY PLAN"]).join("\n");
    const rows = [...text.matchAll(/(?:rows=|Rows Removed by \w+: )(\d+)/g)].map(([, count]) => Number(count));
    expect(rows.length).toBeGreaterThan(0);
    expect(Math.max(...rows), text).toBeLessThan(20);
  });

  test.each([...statements, "EXPLAIN SELECT 1", "LISTEN integraviz_events", "SHOW all", "SELECT 1; SELECT 2"])(
    "the panel takes a query and nothing else: %s",
    async (statement) => {
      await expect(store.sqlWithin!(["a"], statement)).rejects.toMatchObject({ status: 400 });
    },
  );

  test("what wakes a listener says nothing but that there is something", async () => {
    await asUser(directUrl, async (client) => {
      const payloads: unknown[] = [];
      client.on("notification", ({ payload }) => payloads.push(payload));
      await client.query("LISTEN integraviz_events");
      await store.append([sampleEvent({ project: `${SECRET}-project` })]);
      await expect.poll(() => payloads).toEqual([""]);
    });
  });
});

describe("logins of the panel", () => {
  test("hold nothing for long, and leave connections to the writer", async () => {
    await asUser(directUrl, async (client) => {
      for (const [name, value] of [
        ["idle_in_transaction_session_timeout", "1min"],
        ["lock_timeout", "10s"],
        ["temp_file_limit", "1GB"],
      ])
        expect((await client.query(`SHOW ${name}`)).rows).toEqual([{ [name as string]: value }]);
      await expect(client.query("SET temp_file_limit = -1")).rejects.toMatchObject({ code: "42501" });
      await client.query("SET default_transaction_read_only = off");
      await expect(client.query("CREATE TEMP TABLE mine (a int)")).rejects.toMatchObject({ code: "42501" });
    });
    const greedy = await Promise.allSettled(Array.from({ length: 12 }, () => connected(directUrl)));
    try {
      expect(greedy.filter(({ status }) => status === "fulfilled").length).toBeLessThanOrEqual(8);
      await asUser(database.writerUrl, (client) => client.query("SELECT 1"));
    } finally {
      for (const one of greedy) if (one.status === "fulfilled") await one.value.end();
    }
  });

  test("one for a set of projects, whatever its order, from many places at once", async () => {
    const other = openPostgresStore(database);
    const asked = [store, other, store, other].map((one, index) =>
      one.sqlWithin!(index % 2 ? ["x", "y"] : ["y", "x", "y"], "SELECT session_user::text"),
    );
    const names = (await Promise.all(asked)).map(({ rows }) => rows[0]?.[0]);
    expect(new Set(names).size).toBe(1);
    expect(names[0]).toMatch(/^integraviz_panel_[0-9a-f]{24}$/);
    expect((await other.sqlWithin!(["x"], "SELECT session_user::text")).rows[0]?.[0]).not.toBe(names[0]);
    await other.close();
  });

  test("one that was dropped is made again", async () => {
    const name = async () => (await store.sqlWithin!(["dropped"], "SELECT session_user::text")).rows[0]?.[0] as string;
    const first = await name();
    await asUser(database.ownerUrl, (client) => client.query(`DROP ROLE ${first}`));
    expect(await name()).toBe(first);
  });

  test("the writer can make no other login", async () => {
    await asUser(database.writerUrl, async (client) => {
      for (const login of ["postgres", "integraviz_reader", "integraviz_panel_x"]) {
        const made = client.query("SELECT ensure_panel_login($1, 'x', '{a}')", [login]);
        await expect(made).rejects.toMatchObject({ code: "22023" });
      }
    });
  });

  test("a token for no project sees nothing", async () => {
    expect((await store.sqlWithin!([], "SELECT count(*) FROM raw_link")).rows).toEqual([[0]]);
  });
});
