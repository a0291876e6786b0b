import type pg from "pg";
import { describe, expect, test } from "vitest";
import type { Event } from "../../../../functions/event/event.ts";
import { sealWindow } from "../../../../functions/stores/postgres/chunks/seal.ts";
import { migrate } from "../../../../functions/stores/postgres/migrate.ts";
import { asUser } from "./fresh-database.ts";
import { batch, fresh, noise, RUN, range, SealedRuns } from "./sealed-runs.ts";

/** Lines and names of metrics are those of the view `metrics`, wherever points stand. */
const runs = new SealedRuns();
const MOST = 1_000;
const COORDINATES = "metric, split, level, epoch, step, ts, value";

interface Line {
  metric: string;
  points: number;
  shown: number;
  missing: number;
  extremes: boolean;
  odd: boolean;
}

/** Of each metric: what its line has of its points, and what else. */
const LINES = `
  WITH points AS (SELECT * FROM metrics WHERE project = $1),
  shown AS (SELECT * FROM metric_lines WHERE project = $1),
  of AS (SELECT DISTINCT run, metric, split, level FROM points)
  SELECT
    o.metric,
    (SELECT count(*)::integer FROM points p WHERE (p.run, p.metric, p.split, p.level) = (o.run, o.metric, o.split, o.level)) AS points,
    (SELECT count(*)::integer FROM shown s WHERE (s.run, s.metric, s.split, s.level) = (o.run, o.metric, o.split, o.level)) AS shown,
    (SELECT count(*)::integer FROM (
      SELECT ${COORDINATES} FROM shown s WHERE (s.run, s.metric, s.split, s.level) = (o.run, o.metric, o.split, o.level)
      EXCEPT ALL
      SELECT ${COORDINATES} FROM points p WHERE (p.run, p.metric, p.split, p.level) = (o.run, o.metric, o.split, o.level)
    ) AS strangers) AS missing,
    (SELECT (min(value) FILTER (WHERE value_kind = 'finite'), max(value) FILTER (WHERE value_kind = 'finite')) IS NOT DISTINCT FROM (
      SELECT (min(s.value) FILTER (WHERE s.value NOT IN ('NaN', 'Infinity', '-Infinity')), max(s.value) FILTER (WHERE s.value NOT IN ('NaN', 'Infinity', '-Infinity')))
      FROM shown s WHERE (s.run, s.metric, s.split, s.level) = (o.run, o.metric, o.split, o.level)
    ) FROM points p WHERE (p.run, p.metric, p.split, p.level) = (o.run, o.metric, o.split, o.level)) AS extremes,
    (SELECT count(*) > 0 FROM points p WHERE (p.run, p.metric, p.split, p.level) = (o.run, o.metric, o.split, o.level) AND p.value_kind <> 'finite')
    = (SELECT count(*) > 0 FROM shown s WHERE (s.run, s.metric, s.split, s.level) = (o.run, o.metric, o.split, o.level) AND s.value IN ('NaN', 'Infinity', '-Infinity')) AS odd
  FROM of o ORDER BY o.metric`;

const asReader = <T>(work: (client: pg.Client) => Promise<T>) => asUser(runs.database.readerUrl, work);

async function linesOf(project: string): Promise<Line[]> {
  return asReader(async (client) => {
    await client.query("SET search_path = integraviz");
    return (await client.query<Line>(LINES, [project])).rows;
  });
}

/** Of which `whole` points are not thinned. */
async function sound(project: string): Promise<Line[]> {
  const lines = await linesOf(project);
  for (const line of lines) {
    const { points, shown, missing, extremes, odd } = line;
    expect({ ...line, missing, extremes, odd }).toEqual({ ...line, missing: 0, extremes: true, odd: true });
    expect(shown, line.metric).toBeLessThanOrEqual(MOST);
    if (points <= 240) expect(shown, line.metric).toBe(points);
  }
  const names = await asReader(async (client) => {
    const of = async (view: string) =>
      (
        await client.query(
          `SELECT DISTINCT run, metric, split, level FROM integraviz.${view} WHERE project = $1 ORDER BY 1, 2, 3, 4`,
          [project],
        )
      ).rows;
    return [await of("metric_names"), await of("metrics"), await of("metric_lines")];
  });
  expect(names[0]).toEqual(names[1]);
  expect(names[2]).toEqual(names[1]);
  return lines;
}

const counts = new Map<string, number>();
async function filled(events: Event[], project: string): Promise<void> {
  const count = (counts.get(project) ?? 0) + events.length;
  counts.set(project, count);
  for (let from = 0; from < events.length; from += 1_000) await runs.store.append(events.slice(from, from + 1_000));
  const size = async () => runs.store.logSize({ after: null, before: await runs.store.cursor(), project });
  await expect.poll(size).toBe(count);
}

describe("the line of a metric", () => {
  test("is the whole of it up to 240 points in the log and 500 that are sealed", async () => {
    const project = fresh();
    await filled(
      range(0, 240).map((n) => batch(project, n)),
      project,
    );
    expect((await sound(project))[1]).toMatchObject({ metric: "loss", points: 240, shown: 240 });
    await runs.sealAll(project);
    await filled(
      range(240, 500).map((n) => batch(project, n)),
      project,
    );
    await runs.sealAll(project);
    expect((await sound(project))[1]).toMatchObject({ metric: "loss", points: 500, shown: 500 });
  });

  test("keeps its extremes as it grows, sealed and not, and is no longer however long the run is", async () => {
    const project = fresh();
    const seen: number[] = [];
    for (let from = 0; from < 24_000; from += 3_000) {
      await filled(
        range(from, from + 3_000).map((n) => batch(project, n)),
        project,
      );
      await sound(project);
      if (from !== 6_000) await runs.sealAll(project);
      const [, loss] = await sound(project);
      expect(loss).toMatchObject({ metric: "loss", points: from + 3_000 });
      seen.push(loss!.shown);
    }
    expect(Math.min(...seen)).toBeGreaterThan(240);
    // Nothing of the run is drawn more coarsely than the rest of it.
    const { rows } = await asReader((client) =>
      client.query<{ step: number }>(
        "SELECT step::integer FROM integraviz.metric_lines WHERE project = $1 AND metric = 'loss' ORDER BY 1",
        [project],
      ),
    );
    const gaps = rows.slice(1).map(({ step }, at) => step - rows[at]!.step);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * 160);
    expect(rows[0]!.step).toBe(0);
    expect(rows.at(-1)!.step).toBe(23_999);
  }, 120_000);

  test("is the same where windows go into it later, and has its extremes meanwhile", async () => {
    const [atOnce, later] = [fresh(), fresh()];
    const lines = (project: string, columns: string) =>
      runs.asOwner(async (client) => {
        const text = `SELECT key, lined::integer, ${columns} FROM integraviz.chunk_lines WHERE project = $1 ORDER BY key`;
        return (await client.query<Record<string, unknown>>(text, [project])).rows;
      });
    for (let from = 0; from < 7_500; from += 1_500) {
      for (const project of [atOnce, later]) {
        await filled(
          range(from, from + 1_500).map((n) => batch(project, n)),
          project,
        );
        while ((await sealWindow(runs.sealers, { project, run: RUN }, { all: false })).sealed > 0)
          await runs.asOwner((client) =>
            project === atOnce
              ? client.query("SELECT integraviz.extend_lines($1, $2)", [project, RUN])
              : // However slow the machine is, ten seconds do not pass.
                client.query("UPDATE integraviz.sealed SET lined_at = 'infinity' WHERE project = $1", [project]),
          );
      }
      await sound(later);
    }
    expect((await lines(later, "points::integer"))[0]).toMatchObject({ points: 7_000, lined: 1_000 });
    await Promise.all([atOnce, later].map((project) => runs.sealAll(project)));
    await sound(later);
    const drawn = "ns, ys, epochs, steps, times";
    const late = await lines(later, drawn);
    expect(late[0]).toMatchObject({ lined: 7_500 });
    expect(late).toEqual(await lines(atOnce, drawn));
  }, 60_000);

  test("has values that are not finite, -0, tiny and enormous ones, and points without a step", async () => {
    const project = fresh();
    const odd = [
      "NaN",
      "Infinity",
      "-Infinity",
      "-0",
      "5e-324",
      "-2.2250738585072014e-308",
      "1.7976931348623157e308",
      "0.1",
    ];
    const steps = [null, 0, 1, 9007199254740991n];
    await filled(
      range(0, 1_900).map((n) =>
        batch(project, n, {
          logs: JSON.stringify({
            few: n % 100 === 0 ? { $num: odd[(n / 100) % 3] } : noise(n),
            odd: n < 480 ? { $num: odd[n % odd.length] } : null,
            all: { $num: "NaN" },
            even: -noise(n) * 10 ** (n % 300),
          }),
          step: steps[n % 4] as Event["step"],
          epoch: n % 3 === 0 ? null : n,
        }),
      ),
      project,
    );
    const tail = await sound(project);
    await runs.sealAll(project);
    const sealed = await sound(project);
    expect(sealed.map(({ metric }) => metric)).toEqual(["all", "even", "few", "odd"]);
    expect(sealed[3]).toMatchObject({ metric: "odd", points: 480, shown: 480 });
    expect(tail[3]!.shown).toBeLessThan(300);
    const zeros = await asReader((client) =>
      client.query(
        "SELECT count(*)::integer AS n FROM integraviz.metric_lines WHERE project = $1 AND value::text = '-0'",
        [project],
      ),
    );
    expect(zeros.rows).toEqual([{ n: 60 }]);
  });

  test("an integer that no double has is the nearest that there is", async () => {
    const project = fresh();
    await filled(
      range(0, 40).map((n) => batch(project, n, { step: 9223372036854775807n, epoch: null })),
      project,
    );
    expect(await runs.sealAll(project)).toBe(40);
    const { rows } = await asReader((client) =>
      client.query("SELECT DISTINCT step, epoch FROM integraviz.metric_lines WHERE project = $1", [project]),
    );
    expect(rows).toEqual([{ step: "9223372036854775807", epoch: null }]);
  });

  test("several writers, late and resumed ones, keys longer than an index takes", async () => {
    const project = fresh();
    const long = "k".repeat(3_000);
    const event = (n: number, fields: Partial<Event> = {}) =>
      batch(project, n, {
        logs: JSON.stringify({ loss: noise(n), val_loss: n, [long]: n, [`${long}2`]: -n }),
        ...fields,
      });
    await filled(
      range(0, 1_200).map((n) => event(n, { writer: String(n % 3), seq: 5_000 + Math.floor(n / 3) })),
      project,
    );
    await runs.sealAll(project);
    await filled(
      range(100, 700).map((n) => event(n, { id: `again-${n}`, seq: 2 * n })),
      project,
    );
    await sound(project);
    await runs.sealAll(project);
    expect(await sound(project)).toHaveLength(4);
  });
});

test("lines that were sealed before there was a table of them are the same", async () => {
  const project = fresh();
  for (const from of [0, 1_000, 2_000]) {
    await filled(
      range(from, from + 1_000).map((n) => batch(project, n, n % 10 === 9 ? { kind: "on_epoch_end" } : {})),
      project,
    );
    await runs.sealAll(project);
  }
  const contents = () =>
    runs.asOwner(async (client) => {
      const { rows } = await client.query(
        "SELECT l::text AS row FROM integraviz.chunk_lines l ORDER BY project, run_id, kind, key",
      );
      return rows.map(({ row }) => row as string);
    });
  const before = await contents();
  expect(before.length).toBeGreaterThan(5);
  await runs.asOwner((client) =>
    client.query(`SET search_path = integraviz;
      DROP TRIGGER chunks_added ON chunks; DROP TABLE chunk_lines CASCADE; ALTER TABLE sealed DROP lined_pos CASCADE, DROP lined_at;
      DROP FUNCTION note_chunks, extend_lines, line_grain, int2_at, int8_at, double_of, coordinate_of;
      DELETE FROM migrations WHERE name IN ('015-lines.sql', '017-lines-later.sql', '018-lines-meanwhile.sql')`),
  );
  await migrate(runs.database.ownerUrl);
  expect(await contents()).toEqual(before);
  await sound(project);
}, 60_000);
