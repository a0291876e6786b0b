import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { LoggedEvent, Store } from "../../../functions/stores/store.ts";
import { exportEvents } from "../../../operations/files/export.ts";
import { fileFormats } from "../../../operations/files/file-formats.ts";
import { command } from "../../commands/command-line.ts";
import { appendAll, hardEvents } from "../logs.ts";
import { freshStore } from "../stores.ts";

describe("integraviz export and import", () => {
  let folder: string;
  let from: { url: string; store: Store };
  const stores: Store[] = [];
  const fresh = async () => {
    const made = await freshStore();
    stores.push(made.store);
    return made;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "integraviz-files-"));
    from = await fresh();
    await appendAll(from.store, hardEvents(300));
  });
  afterAll(async () => {
    await Promise.all(stores.map((store) => store.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (name: string, ...args: string[]) => command(name, args, folder).ended;
  const all = async (store: Store): Promise<LoggedEvent[]> =>
    (await store.log({ after: null, before: await store.cursor(), limit: 10_000 })).events;
  const canonical = (events: LoggedEvent[]) =>
    events.map(({ logs, ...event }) => ({ ...event, logs: logs === null ? null : JSON.parse(logs) }));

  describe.each(Object.keys(fileFormats))("%s", (format) => {
    const file = `events.${format}`;

    test("what is exported and imported again is the same, event by event", async () => {
      expect(await run("export", "--from", from.url, file)).toMatchObject({ code: 0 });
      const to = await fresh();
      const { code, text } = await run("import", "--to", to.url, file);
      expect(code, text).toBe(0);
      expect(canonical(await all(to.store))).toEqual(canonical(await all(from.store)));
      const again = await run("import", "--to", to.url, file);
      expect(again).toMatchObject({ code: 0, text: expect.stringContaining("0 are new") });
    });

    test("one project, one run", async () => {
      const part = `part.${format}`;
      const args = ["--from", from.url, "--project", "other", "--run", "run 1", part];
      expect(await run("export", ...args)).toMatchObject({ code: 0 });
      const to = await fresh();
      expect(await run("import", "--to", to.url, part)).toMatchObject({ code: 0 });
      const found = await all(to.store);
      expect(found.length).toBeGreaterThan(0);
      expect(new Set(found.map(({ project, run }) => `${project}/${run}`))).toEqual(new Set(["other/run 1"]));
    });

    test("a file that is there is written over only by --force, and no half of one stays", async () => {
      const args = ["--from", from.url, file];
      expect(await run("export", ...args)).toMatchObject({ code: 1, text: expect.stringContaining("--force") });
      expect(await run("export", "--force", ...args)).toMatchObject({ code: 0 });
      expect(readdirSync(folder).filter((name) => /partial|\.export-/.test(name))).toEqual([]);
    });
  });

  test("a place where no file can be is told by its folder", async () => {
    const args = ["export", "--from", from.url, "--force", "--format", "csv"] as const;
    expect(await run(...args, "not-there/events.csv")).toMatchObject({
      code: 1,
      text: expect.stringContaining("there is no folder not-there. Make it first."),
    });
    expect(await run(...args, ".")).toMatchObject({ code: 1, text: expect.stringContaining("is a folder") });
  });

  test("an export of a store that gives fewer events than it says it has is an error, and writes nothing", async () => {
    const { store } = from;
    const log: Store["log"] = async (query) => {
      const page = await store.log(query);
      return { ...page, events: page.events.slice(1) };
    };
    const file = join(folder, "short.jsonl");
    const format = await fileFormats.jsonl!();
    await expect(exportEvents({ ...store, log }, { file, format }, () => {})).rejects.toThrow(
      /short.jsonl was not written: the store says that it has 300 events, and gave 299\./,
    );
    expect(readdirSync(folder).filter((name) => name.startsWith("short"))).toEqual([]);
  });

  test("events of a run that was purged where they go are counted, and the exit code is 1", async () => {
    const to = await fresh();
    const [event] = hardEvents(2).slice(1);
    await to.store.append([{ ...event!, id: "stone", kind: "purge", actor: "ada" }]);
    const { project, run: id } = event!;
    const theirs = (await all(from.store)).filter((one) => one.project === project && one.run === id);
    const { code, text } = await run("import", "--to", to.url, "events.jsonl");
    expect({ code, text }).toMatchObject({
      code: 1,
      text: expect.stringContaining(`${theirs.length} are of runs that`),
    });
  });

  test("DuckDB reads the metrics out of the Parquet file", async () => {
    const db = await (await DuckDBInstance.create(":memory:")).connect();
    const result = await db.runAndReadAll(
      `SELECT count(*) FROM read_parquet('${join(folder, "events.parquet")}') WHERE kind = 'stop_requested' AND actor = 'ada'`,
    );
    expect(result.getRows()).toEqual([[28n]]);
    db.closeSync();
  });

  const good =
    '{"run_id":"r","event_id":"a","project":"p","kind":"k","writer":"","seq":1,"created_at":"2026-01-31T12:00:00Z"}';
  test.each([
    ["no JSON", `${good}\nnonsense\n`, /bad.jsonl: line 2: The body is not JSON/],
    ["a wrong field", `${good}\n${good.replace('"seq":1', '"seq":1.5')}\n`, /line 2: seq is not a whole number/],
    ["a time that is none", good.replace("-31T", "-32T"), /line 1: created_at is not a time/],
  ])("%s: the place is named and nothing is stored", async (_, text, message) => {
    writeFileSync(join(folder, "bad.jsonl"), text);
    const to = await fresh();
    const ended = await run("import", "--to", to.url, "bad.jsonl");
    expect(ended).toMatchObject({ code: 1, text: expect.stringMatching(message) });
    expect(await all(to.store)).toEqual([]);
  });

  test("a CSV cell of another type is named", async () => {
    const csv =
      "project,run_id,event_id,writer,seq,kind,actor,epoch,step,batch,created_at,sent_skew,received_at,logs\n";
    writeFileSync(join(folder, "bad.csv"), `${csv}p,r,e,"",one,k,,,,,2026-01-31 12:00:00+00,,,\n`);
    const ended = await run("import", "--to", (await fresh()).url, "bad.csv");
    expect(ended).toMatchObject({ code: 1, text: expect.stringMatching(/bad.csv: row 1: seq is not a whole number/) });
  });

  test.each([
    [["--from", "x", "events.txt"], /the ending tells no format: use one of parquet, csv, jsonl/],
    [
      ["--from", "x", "--format", "xml", "new.csv"],
      /'--format <format>' argument 'xml' is invalid. Allowed choices are parquet, csv, jsonl/,
    ],
    [["--from", "x", "--run", "r", "new.csv"], /--run needs --project/],
    [[], /missing required argument 'file'/],
  ])("export %j: one error and exit code 1", async (args, message) => {
    expect(await run("export", ...args)).toMatchObject({ code: 1, text: expect.stringMatching(message) });
  });
});
