/** What every visualizer is to do with dashboards, against a stand-in of it. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { apply, check } from "../../dashboards/apply.ts";
import { standardDashboards } from "../../dashboards/shipped.ts";
import { type DashboardSpec, panelsOf } from "../../dashboards/spec.ts";
import type { Target } from "../../dashboards/target.ts";
import { ADMIN, type Product } from "../stand-ins/superset.ts";
import { readers } from "./superset/readers.ts";

export const NAME = "integraviz-aws";

export interface Server extends Product {
  missing: Set<string>;
  dieAt: number;
}

export interface Subject<S extends Server> {
  product: Target["product"];
  start(options?: { version: string }): Promise<S>;
  /** Requests that read all assets, at most. */
  reads: number;
  isLogin(path: string): boolean;
  isData(path: string): boolean;
  /** What it calls a panel: "charts" or "cards". */
  panels: string;
  /** The panel of `training`, where it stands. */
  panel(server: S, key: string): { id: number; name: string } | undefined;
  /** Titles. */
  dashboards(server: S): string[];
  /** A person changes some things. Returns what is told of it. */
  change(server: S): string[];
  state(server: S): unknown;
  restore(server: S, state: unknown): void;
  /** A version that is too old, or "", and what is said of it. */
  old: [version: string, says: string][];
}

export function visualizerSuite<S extends Server>(subject: Subject<S>): void {
  const { product, isLogin, isData } = subject;
  let server: S;
  let target: Target;
  let specs: DashboardSpec[];

  beforeEach(async () => {
    server = await subject.start();
    target = targetOf(product, server);
    specs = structuredClone(standardDashboards());
  });
  afterEach(() => server.close());

  /** Requests for assets since the last call: logging in and asking for data are none. */
  function requests(): { reads: string[]; writes: string[] } {
    const all = server.asked
      .splice(0)
      .filter(({ path }) => !isLogin(path) && !isData(path))
      .map(({ method, path }) => `${method} ${path}`);
    const isRead = (one: string) => one.startsWith("GET");
    return { reads: all.filter(isRead), writes: all.filter((one) => !isRead(one)) };
  }
  const data = () => specs.flatMap(panelsOf).filter(({ kind }) => kind !== "text");

  describe("a second apply", () => {
    test(`reads every asset back in at most ${subject.reads} requests and writes nothing`, async () => {
      const first = await apply(target);
      expect(requests().writes).not.toEqual([]);
      expect(first.changed.length).toBeGreaterThan(25);
      expect(await apply(target)).toEqual({ ...first, changed: [] });
      const { reads, writes } = requests();
      expect(reads.length).toBeLessThanOrEqual(subject.reads);
      expect(writes).toEqual([]);
      expect(await check(target)).toEqual([]);
      expect(requests().writes).toEqual([]);
    });

    test("asks for the data of every panel, either time", async () => {
      for (let time = 0; time < 2; time++) {
        await apply(target);
        const asked = server.asked.splice(0).filter(({ path }) => isData(path));
        expect(asked.length).toBeGreaterThanOrEqual(data().length);
      }
    });
  });

  test("what a person changed is told, and changed back", async () => {
    await apply(target);
    const drift = subject.change(server);
    expect(await check(target)).toEqual(drift);
    expect((await apply(target)).changed).toEqual(drift);
    expect(await check(target)).toEqual([]);
  });

  test("a panel renamed is the same one; one dropped goes, and a dashboard with all of its own", async () => {
    await apply(target, { specs });
    const { id } = subject.panel(server, "accuracy-validation")!;
    panelsOf(specs[0]!)[0]!.title = "How good";
    specs[0]!.rows[1]!.panels.splice(0, 1);
    const { changed } = await apply(target, { specs: specs.slice(0, 1) });
    expect(subject.panel(server, "accuracy-validation")).toEqual({ id, name: "How good" });
    expect(subject.panel(server, "accuracy-by-epoch")).toBeUndefined();
    expect(changed).toEqual(
      expect.arrayContaining([
        `${subject.panels}/Accuracy by epoch is no longer wanted`,
        "dashboards/Governance is no longer wanted",
      ]),
    );
    expect(subject.dashboards(server)).toEqual(["Training"]);
    expect(await check(target, { specs: specs.slice(0, 1) })).toEqual([]);
    await apply(target, { specs: standardDashboards() });
    expect(subject.dashboards(server).toSorted()).toEqual(["Governance", "Training"]);
    expect(await check(target)).toEqual([]);
  });

  test("a login that was rotated is the only thing to change", async () => {
    await apply(target);
    const rotated = { ...target, reader: { ...readers.postgres, password: "ROTATED" } };
    expect(await check(rotated)).toEqual(["databases/store is changed"]);
    expect((await apply(rotated)).changed).toEqual(["databases/store is changed"]);
    expect(await check(rotated)).toEqual([]);
    expect(await check(target)).toEqual(["databases/store is changed"]);
  });

  test("a wrong password of the reader is refused before anything else is written", async () => {
    await apply(target, { specs });
    const before = subject.state(server);
    panelsOf(specs[0]!)[0]!.title = "How good";
    server.refuse = (reader) => reader.includes("WRONG");
    const wrong = { ...target, reader: { ...readers.postgres, password: "WRONG-PASSWORD" } };
    const refused = apply(wrong, { specs });
    await expect(refused).rejects.toThrow(/answered 400: .*cannot connect/);
    await expect(refused).rejects.not.toThrow("WRONG-PASSWORD");
    expect(subject.state(server)).toEqual(before);
  });

  test("killed at any call, it leaves drift that check lists, and the next apply brings it to an end", async () => {
    // All is to be made; then something is changed, and something of each kind removed.
    const changed = structuredClone(specs).slice(0, 1);
    panelsOf(changed[0]!)[0]!.title = "How good";
    changed[0]!.rows[1]!.panels.splice(0, 1);
    for (const wanted of [specs, changed]) {
      const before = subject.state(server);
      server.asked.length = 0;
      await apply(target, { specs: wanted });
      const asked = server.asked.splice(0);
      const calls = asked.map(({ path }) => path);
      const after = await standing(wanted);
      const data = calls.findIndex(isData);
      const lastWrite = asked.findLastIndex(({ method, path }) => method !== "GET" && !isLogin(path) && !isData(path));
      // Once it is logged in; asking for data changes nothing, so one such call stands for all.
      const deaths = calls.flatMap((path, call) => (isLogin(path) || (isData(path) && call !== data) ? [] : call));
      expect(deaths.length).toBeGreaterThan(5);
      for (const dieAt of deaths) {
        subject.restore(server, before);
        server.asked.length = 0;
        server.dieAt = dieAt;
        await expect(apply(target, { specs: wanted }), `call ${dieAt}`).rejects.toThrow(/502|no data|Panel/);
        server.dieAt = Number.POSITIVE_INFINITY;
        const drift = await check(target, { specs: wanted });
        expect(drift.length > 0, `call ${dieAt}: ${drift.join("; ")}`).toBe(dieAt <= lastWrite);
        await apply(target, { specs: wanted });
        expect(await standing(wanted), `call ${dieAt}`).toEqual(after);
      }
    }
  }, 240_000);

  /** Whatever its number: what is made anew has another. */
  async function standing(wanted: DashboardSpec[]) {
    expect(await check(target, { specs: wanted })).toEqual([]);
    const keys = specs.flatMap(panelsOf).map(({ key }) => key);
    return {
      panels: keys.map((key) => subject.panel(server, key)?.name),
      dashboards: subject.dashboards(server),
      databases: server.databases.length,
    };
  }

  describe("one error names what is wrong and the fix", () => {
    test("a view that is not there, by its panel", async () => {
      server.missing.add("metric_lines");
      await expect(apply(target)).rejects.toThrow(
        /^Panel training\/accuracy-by-epoch: \w+ says: .*relation "integraviz.metric_lines" does not exist.*\. Its view metric_lines is missing or older than the dashboards: migrate the storage, then apply again\. Of 2 other panels there is no data, either\.$/,
      );
      expect(await check(target)).toHaveLength(3);
    });

    test("but for a custom metric that has no view, which is told by its file", async () => {
      server.missing.add("best_so_far");
      const { urls, warnings } = await apply(target);
      expect(Object.keys(urls)).toHaveLength(specs.length);
      expect(warnings).toEqual([
        expect.stringMatching(
          /^dashboards\/metrics\/best_so_far.sql: panel training\/metric-best-so-far: .* does not exist.* Its view best_so_far is missing/,
        ),
      ]);
      expect(await check(target)).toHaveLength(1);
    });

    test("one that is down", async () => {
      await server.close();
      const starting = { seconds: 0.05, everyMs: 10 };
      await expect(apply(target, { starting })).rejects.toThrow(
        new RegExp(`^GET ${server.url}/(api/)?health got no answer: .*ECONNREFUSED`),
      );
      server = await subject.start();
    });

    test.each(subject.old)("one that is too old: %j", async (version, says) => {
      const old = await subject.start({ version });
      await expect(apply(targetOf(product, old))).rejects.toThrow(`at ${old.url} ${says}`);
      expect(old.databases).toEqual([]);
      await old.close();
    });
  });
}

export function targetOf(product: Target["product"], server: Server): Target {
  return { product, name: NAME, url: server.url, by: "password", ...ADMIN, reader: readers.postgres };
}
