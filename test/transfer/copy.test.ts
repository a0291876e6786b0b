import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Store } from "../../functions/stores/store.ts";
import { command } from "./command-line.ts";
import { appendAll, freshStore, hardEvents } from "./logs.ts";

const EVENTS = 30_000;

describe("npm run copy", () => {
  let folder: string;
  let from: { url: string; store: Store };
  let to: { url: string; store: Store };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "integraviz-copy-"));
    [from, to] = [await freshStore(), await freshStore()];
  });
  afterEach(async () => {
    await Promise.all([from.store.close(), to.store.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const copy = (...more: string[]) =>
    command("copy", ["--from", from.url, "--to", to.url, "--report", "report.json", ...more], folder);
  const report = () => JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
  const copied = async () => to.store.logSize({ after: null, before: await to.store.cursor() });

  test("there and back: equal hashes, whatever the values are", async () => {
    await appendAll(from.store, hardEvents(500));
    expect(await copy().ended).toMatchObject({ code: 0 });
    expect(report()).toMatchObject({ events: 500, differences: [], added: 0 });
    const there = report().hash;
    expect(there.from).toBe(there.to);

    const third = await freshStore();
    try {
      const back = command("copy", ["--from", to.url, "--to", third.url, "--report", "report.json"], folder);
      expect(await back.ended).toMatchObject({ code: 0 });
      expect(report().hash).toEqual(there);
    } finally {
      await third.store.close();
    }
  });

  test("killed twice on the way, it goes on where it was", { timeout: 120_000 }, async () => {
    await appendAll(from.store, hardEvents(EVENTS));
    for (let kill = 0; kill < 2; kill++) {
      const before = await copied();
      const { child, ended } = copy();
      await expect.poll(copied, { timeout: 60_000 }).toBeGreaterThan(before);
      child.kill("SIGKILL");
      expect(await ended).toMatchObject({ signal: "SIGKILL" });
      expect(await copied(), "it was killed on the way").toBeLessThan(EVENTS);
    }
    const { code, text } = await copy().ended;
    expect(code, text).toBe(0);
    expect(text).toContain("Going on from");
    expect(report()).toMatchObject({ differences: [], added: 0 });
    expect(report().hash.from).toBe(report().hash.to);
    expect(report().duplicates, "at most the page that was under way is sent again").toBeLessThanOrEqual(5_000);
    expect(await copied()).toBe(EVENTS);
  });

  test("beside runs that go on: all that stood there before the end is copied, in the server's order", async () => {
    const events = hardEvents(6_000);
    await appendAll(from.store, events.slice(0, 3_000));
    const { ended } = copy();
    await appendAll(from.store, events.slice(3_000), 50);
    expect(await ended).toMatchObject({ code: 0 });
    expect(await copy().ended).toMatchObject({ code: 0 });
    expect(await copied()).toBe(6_000);
    const ids = async (store: Store) => {
      const page = await store.log({ after: null, before: await store.cursor(), limit: 10_000 });
      return page.events.map(({ id }) => id);
    };
    expect(await ids(to.store)).toEqual(await ids(from.store));
  });

  test("an event that says something else in the target is named, and the exit code is 1", async () => {
    const events = hardEvents(10);
    await from.store.append(events);
    await to.store.append([{ ...events[4]!, logs: '{"loss":9}' }]);
    const { code, text } = await copy().ended;
    expect(code).toBe(1);
    expect(text).toContain("event-0000004");
    expect(report().differences).toEqual([
      { project: "default", run: events[4]!.run, missing: [], different: ["event-0000004"] },
    ]);
  });

  test("what only the target has is said and does no harm", async () => {
    const events = hardEvents(40);
    await from.store.append(events.slice(0, 38));
    await to.store.append(events.slice(38));
    expect(await copy().ended).toMatchObject({ code: 0 });
    expect(report()).toMatchObject({ events: 38, added: 2, differences: [] });
  });

  test.each([
    [["--from", "mongodb://x", "--to", "y"], /--from "mongodb:\/\/x" names no store: give a URL/],
    [["--to", "postgres://localhost/x"], /--from is missing/],
    [
      ["--from", "postgres://me:secret@127.0.0.1:1/x", "--to", "y"],
      /--from postgres:\/\/me@127.0.0.1:1\/x cannot be read/,
    ],
    [["--form", "x"], /Unknown option '--form'/],
  ])("%j: one error, exit code 1, no secret and no file", async (args, message) => {
    const { code, text } = await command("copy", args, folder).ended;
    expect(code).toBe(1);
    expect(text).toMatch(message);
    expect(text).not.toContain("secret");
    expect(readdirSync(folder)).toEqual([]);
  });
});
