import pg from "pg";
import { describe, expect, test } from "vitest";
import { sealWindow } from "../../../../functions/stores/postgres/chunks/seal.ts";
import { sealValues } from "../../../../functions/stores/postgres/chunks/seal-values.ts";
import {
  type Tail,
  tailOf,
  type Window,
  type WindowRow,
  windowOf,
} from "../../../../functions/stores/postgres/chunks/window.ts";
import { openPostgresStore } from "../../../../functions/stores/postgres/postgres.ts";
import { openPurge } from "../../../../functions/stores/postgres/purge.ts";
import { queryOf } from "../../../../functions/stores/postgres/statements.ts";
import { openCuttingProxy } from "../../../stand-ins/cutting-proxy.ts";
import { openMemoryStore } from "../memory/memory-store.ts";
import { asUser } from "./fresh-database.ts";
import { batch, fresh, RUN, range, SealedRuns } from "./sealed-runs.ts";

const runs = new SealedRuns();

describe("sealing beside everything else", () => {
  test("readers see every acknowledged point once, in order, while a run grows and is sealed from two places", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    let isDone = false;
    const sealing = [0, 1].map(async (index) => {
      while (!isDone) await sealWindow(runs.sealers, { project, run: RUN }, { all: index === 0 });
    });
    const reading = (async () => {
      let reads = 0;
      while (!isDone) {
        const { series, cursor } = await runs.store.series({
          project,
          runs: [RUN],
          metrics: ["loss"],
          x: "step",
          points: 10_000,
        });
        const steps = series[0]?.x ?? [];
        expect(steps).toEqual(range(0, steps.length));
        // What lies behind the cursor is just the rest.
        const { events } = await runs.store.events({ project, after: cursor, limit: 10_000 });
        expect(events.map(({ step }) => step).slice(0, 1)).toEqual(events.length > 0 ? [steps.length] : []);
        const [thin] = (await runs.store.series({ project, runs: [RUN], metrics: ["acc"], x: "step", points: 10 }))
          .series;
        if (thin !== undefined && thin.total > 7)
          expect([Math.min(...(thin.y as number[])), Math.max(...(thin.y as number[]))]).toEqual([0, 6]);
        reads += 1;
      }
      return reads;
    })();
    for (let from = 0; from < 4_000; from += 40) {
      await runs.both(
        memory,
        range(from, from + 40).map((n) => batch(project, n)),
      );
    }
    await runs.settled(project, memory);
    isDone = true;
    await Promise.all(sealing);
    expect(await reading).toBeGreaterThan(3);
    expect(await runs.countOf("chunks", project)).toBeGreaterThan(5);
    await runs.sameSeries(project, memory, [10, 300, 10_000]);
    await runs.sameSummary(project, memory);
  }, 60_000);

  test("two at once seal a window once", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    await runs.both(
      memory,
      range(0, 1_000).map((n) => batch(project, n)),
    );
    await runs.settled(project, memory);
    const answers = await Promise.all(
      range(0, 4).map(() => sealWindow(runs.sealers, { project, run: RUN }, { all: true })),
    );
    expect(answers.reduce((sum, { sealed }) => sum + sealed, 0)).toBe(1_000);
    expect(await runs.countOf("chunk_axes", project)).toBe(1);
    await runs.sameSeries(project, memory, [10, 10_000]);
  });

  test("what is cut off in the middle leaves nothing behind, and is done by the next", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    await runs.both(
      memory,
      range(0, 990).map((n) => batch(project, n)),
    );
    await runs.settled(project, memory);
    await runs.asOwner(async (holder) => {
      // A lock on the last table that sealing writes holds it there, with half of its work done.
      await holder.query("BEGIN");
      await holder.query("LOCK TABLE chunks IN SHARE ROW EXCLUSIVE MODE");
      const failed = expect(sealWindow(runs.sealers, { project, run: RUN }, { all: true })).rejects.toMatchObject({
        code: "57P01",
      });
      await asUser(runs.database.superUrl, async (client) => {
        const waiting = `SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'integraviz.chunks'::regclass`;
        await expect.poll(async () => (await client.query(waiting)).rows.length).toBe(1);
        await client.query(`SELECT pg_terminate_backend(pid) FROM (${waiting}) AS w`);
      });
      await failed;
      await holder.query("ROLLBACK");
    });
    for (const table of ["sealed", "chunk_axes", "chunks", "chunk_lines"])
      expect(await runs.countOf(table, project)).toBe(0);
    await runs.sameSeries(project, memory, [10, 10_000]);
    expect(await runs.sealAll(project)).toBe(980);
    await runs.sameSeries(project, memory, [10, 10_000]);
  });

  test("who is frozen half-way holds up no reader", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const proxy = await openCuttingProxy(Number(new URL(runs.database.writerUrl).port));
    const frozen = new pg.Pool({ connectionString: runs.database.writerUrl.replace(/:\d+\//, `:${proxy.port}/`) });
    try {
      await runs.both(
        memory,
        range(0, 20).map((n) => batch(project, n)),
      );
      await runs.settled(project, memory);
      proxy.freezeAt("chunkSeal");
      const thawed = expect(sealWindow(frozen, { project, run: RUN }, { all: true })).rejects.toThrow();
      await expect.poll(() => runs.countOf("chunk_axes", project)).toBe(1);
      await runs.both(memory, [batch(project, 20)]);
      await runs.settled(project, memory);
      await runs.sameSeries(project, memory, [10]);
      await proxy.close();
      await thawed;
    } finally {
      await frozen.end();
      await proxy.close();
    }
  });

  test("what was read of a run before it was purged is not added afterwards", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    await runs.both(
      memory,
      range(0, 20).map((n) => batch(project, n)),
    );
    await runs.settled(project, memory);
    const { rows } = await runs.sealers.query<WindowRow>(
      queryOf("chunkWindow", { project, run: RUN, horizon: await runs.store.cursor() }),
    );
    const window = windowOf(tailOf(rows[0]!) as Tail) as Window;
    const purge = await openPurge(runs.database.ownerUrl, { project, actor: "ada", reason: "asked for" });
    for (const target of await purge.targets()) await purge.erase(target);
    await purge.close();
    const added = await runs.sealers.query(queryOf("chunkSeal", sealValues({ project, run: RUN }, window)));
    expect(added.rows).toEqual([{ sealed: false }]);
    for (const table of ["sealed", "chunk_axes", "chunks", "chunk_lines"])
      expect(await runs.countOf(table, project)).toBe(0);
  });

  test("nothing at or above the oldest open transaction is sealed", async () => {
    const project = fresh();
    const memory = openMemoryStore();
    const late = new pg.Client({ connectionString: runs.database.writerUrl });
    await late.connect();
    await late.query("BEGIN");
    await late.query("LOCK TABLE events IN ROW EXCLUSIVE MODE");
    await late.query("SELECT pg_current_xact_id()");
    await runs.both(
      memory,
      range(0, 40).map((n) => batch(project, n)),
    );
    expect(await runs.sealAll(project)).toBe(0);
    await late.end();
    await runs.settled(project, memory);
    expect(await runs.sealAll(project)).toBe(40);
    await runs.sameSeries(project, memory, [10, 10_000]);
  });
});

describe("who may seal, and when", () => {
  test.each([
    "INSERT INTO sealed VALUES (1, 'p', 'r')",
    "UPDATE sealed SET pos = 0",
    "DELETE FROM sealed",
    "INSERT INTO chunks (project) VALUES ('p')",
    "UPDATE chunks SET points = 0",
    "DELETE FROM chunk_axes",
    "TRUNCATE chunks",
    "UPDATE chunk_lines SET points = 0",
    "SELECT hold_windows()",
  ])("the writer cannot %s", async (statement) => {
    await expect(asUser(runs.database.writerUrl, (client) => client.query(statement))).rejects.toMatchObject({
      code: "42501",
    });
  });

  test("the reader can neither see chunks nor seal", async () => {
    await asUser(runs.database.readerUrl, async (client) => {
      for (const table of ["sealed", "chunk_axes", "chunks", "chunk_lines"])
        await expect(client.query(`SELECT FROM ${table}`)).rejects.toMatchObject({ code: "42501" });
      const nulls = Array.from({ length: 29 }, () => "NULL").join();
      for (const call of [
        `seal_window('p', 'r', ${nulls})`,
        "metric_tables()",
        "hold_windows()",
        "metric_buckets('p', 'step', '{r}', '{1}', '{k}', '{loss}')",
        "metric_points('p', 'step', '{r}', '{1}', '{k}', '{loss}', '{t}')",
        "events_page('p', 1, 2, null, 1, 1)",
      ])
        await expect(client.query(`SELECT ${call}`)).rejects.toMatchObject({ code: "42501" });
    });
  });

  test("by itself: at 1,000 events, at the end of the training, and when a reader meets a long tail", async () => {
    const project = fresh();
    const reports: unknown[] = [];
    await runs.store.close();
    runs.store = openPostgresStore({ ...runs.database, report: (error) => reports.push(error) });
    const memory = openMemoryStore();
    await runs.both(
      memory,
      range(0, 2_000).map((n) => batch(project, n)),
    );
    await expect.poll(() => runs.countOf("chunk_axes", project)).toBeGreaterThan(0);
    await runs.both(memory, [
      ...range(2_000, 2_100).map((n) => batch(project, n)),
      batch(project, 3_000, { kind: "on_train_end" }),
    ]);
    const left = async () =>
      runs.asOwner(async (client) => {
        const { rows } = await client.query(
          "SELECT count(*)::integer AS n FROM events e WHERE project = $1 AND kind = 'on_train_batch_end' AND pos >= (SELECT pos FROM sealed WHERE project = $1)",
          [project],
        );
        return (rows[0] as { n: number }).n;
      });
    await expect.poll(left).toBeLessThan(20);
    await runs.sameSeries(project, memory, [10, 10_000]);

    // As another process left it.
    await runs.asOwner((client) =>
      client
        .query(`DELETE FROM sealed; DELETE FROM chunks; DELETE FROM chunk_axes; DELETE FROM chunk_lines`)
        .then(() => undefined),
    );
    await runs.sameSeries(project, memory, [10, 10_000]);
    await expect.poll(left).toBeLessThan(1_000);
    await runs.sameSeries(project, memory, [10, 10_000]);
    expect(reports).toEqual([]);
  });
});
