import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import type { LoggedEvent } from "../../../functions/stores/store.ts";
import { command } from "../../commands/command-line.ts";
import { connected } from "../../functions/stores/postgres/fresh-database.ts";
import { standInPulumi } from "../../stand-ins/pulumi.ts";
import { appendAll, hardEvents } from "../logs.ts";
import { type FreshStore, freshStore, freshStores } from "../stores.ts";

/** Of a copy that is killed: fewer where the stand-in of a server takes its time. */
const EVENTS = { postgres: 30_000, bigquery: 15_000 };

describe("integraviz copy", () => {
  let folder: string;
  let from: Awaited<ReturnType<typeof freshStore>>;
  let to: Awaited<ReturnType<typeof freshStore>>;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "integraviz-copy-"));
    [from, to] = [await freshStore(), await freshStore()];
  });
  afterEach(async () => {
    await Promise.all([from.close(), to.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const copy = (...more: string[]) => between(from, to, ...more);
  const between = (from: FreshStore, to: FreshStore, ...more: string[]) => {
    const args = ["--from", from.url, "--to", to.url, "--report", "report.json", ...more];
    return command("copy", args, folder, { ...from.env, ...to.env });
  };
  const report = () => JSON.parse(readFileSync(join(folder, "report.json"), "utf8"));
  const copied = async ({ store }: FreshStore = to) => store.logSize({ after: null, before: await store.cursor() });
  const logOf = async ({ store }: FreshStore) =>
    (await store.log({ after: null, before: await store.settled(), limit: 10_000 })).events;

  describe.each(Object.entries(freshStores))("by way of %s", (kind, { isThere, open }) => {
    test.skipIf(!isThere)("there and back: equal hashes, whatever the values are", { timeout: 240_000 }, async () => {
      const events = hardEvents(kind === "snowflake" ? 60 : 500);
      await appendAll(from.store, events);
      const way = await open(folder);
      try {
        const there = await between(from, way).ended;
        expect(there, there.text).toMatchObject({ code: 0 });
        expect(report()).toMatchObject({ events: events.length, size: events.length, differences: [], added: 0 });
        const { hash, runs } = report();
        expect(hash.from).toBe(hash.to);
        const back = await between(way, to).ended;
        expect(back, back.text).toMatchObject({ code: 0 });
        expect(report().hash).toEqual(hash);
        expect(report().runs).toEqual(expect.arrayContaining(runs));
        const parsed = (all: LoggedEvent[]) =>
          all.map(({ logs, ...event }) => ({ ...event, logs: logs === null ? null : JSON.parse(logs) }));
        expect(parsed(await logOf(to))).toEqual(parsed(await logOf(from)));
      } finally {
        await way.close();
      }
    });
  });

  describe.each(Object.entries(EVENTS))("to %s", (kind, count) => {
    const { isThere, open } = freshStores[kind]!;
    test.skipIf(!isThere)("killed twice on the way, it goes on where it was", { timeout: 240_000 }, async () => {
      await appendAll(from.store, hardEvents(count));
      const target = await open(folder);
      try {
        for (let kill = 0; kill < 2; kill++) {
          const before = await copied(target);
          const { child, ended } = between(from, target);
          await expect.poll(() => copied(target), { timeout: 90_000 }).toBeGreaterThan(before);
          child.kill("SIGKILL");
          expect(await ended).toMatchObject({ signal: "SIGKILL" });
          expect(await copied(target), "it was killed on the way").toBeLessThan(count);
        }
        const { code, text } = await between(from, target).ended;
        expect(code, text).toBe(0);
        expect(text).toContain("Going on from");
        expect(report()).toMatchObject({ differences: [], added: 0, size: count });
        expect(report().hash.from).toBe(report().hash.to);
        expect(report().duplicates, "at most the page that was under way is sent again").toBeLessThanOrEqual(5_000);
        expect(await copied(target)).toBe(count);
      } finally {
        await target.close();
      }
    });
  });

  describe("a stack", () => {
    const loginTo = (url: string) => {
      const { hostname: host, port, username: user, password, pathname } = new URL(url);
      const database = pathname.slice(1);
      return { driver: "postgres", host, port: Number(port), database, user, password, tls: { mode: "off" } };
    };
    const copyStack = async (stores: unknown, from: string, to: string) => {
      const PATH = await standInPulumi(folder, { stdout: JSON.stringify({ url: "https://x", stores }) });
      return command("copy", ["--from", from, "--to", to], folder, { PATH }).ended;
    };

    test("is its storage, and the archive that a swap kept beside it", async () => {
      await appendAll(from.store, hardEvents(10));
      const stores = { storage: loginTo(to.url), archive: loginTo(from.url) };
      const { code, text } = await copyStack(stores, "org/project/mixed:archive", "org/project/mixed");
      expect(code, text).toBe(0);
      expect(text).toContain("org/project/mixed:archive -> org/project/mixed");
      expect(await logOf(to)).toEqual(await logOf(from));
      const argv = JSON.parse(readFileSync(join(folder, "argv.json"), "utf8"));
      expect(argv.slice(-3)).toEqual(["-s", "org/project/mixed", "--non-interactive"]);
    });

    test.each([
      ["that is not up", undefined, /--from mixed:archive: the stack has no output stores. Bring it up first/],
      [
        "without an archive",
        { storage: {}, archive: null },
        /--from mixed:archive: the stack has no archive. integraviz swap/,
      ],
    ])("%s is told with the fix", async (_, stores, message) => {
      const { code, text } = await copyStack(stores, "mixed:archive", "mixed");
      expect({ code, text }).toEqual({ code: 1, text: expect.stringMatching(message) });
    });
  });

  test("the report has the counts and hashes of every run and every metric in both", async () => {
    const event = (step: number) => ({ ...hardEvents(1)[0]!, run: "r", id: `${step}`, step, logs: `{"loss":${step}}` });
    await from.store.append([event(1), event(2)]);
    expect(await copy().ended).toMatchObject({ code: 0 });
    const hash = expect.stringMatching(/^[0-9a-f]{16}$/);
    const tally = { count: 2, hash };
    const [run] = report().runs;
    expect(run).toMatchObject({ project: "other", run: "r", source: { ...tally, metrics: { loss: tally } } });
    expect(run.target).toEqual(run.source);
    expect(run.source.hash).not.toBe(run.source.metrics.loss.hash);
  });

  test("a tombstone is copied: the run is not listed, and takes no event that is sent late", async () => {
    const [gone, stays] = hardEvents(3).slice(1);
    await from.store.append([{ ...gone!, kind: "purge", actor: "ada", logs: '{"reason":"asked for"}' }, stays!]);
    expect(await copy().ended).toMatchObject({ code: 0 });
    const { runs } = await to.store.runs({ project: "default", sort: "name", limit: 10 });
    expect(runs.map(({ run, last_event_at }) => [run, last_event_at])).toEqual([
      [stays!.run, new Date(stays!.receivedAt! / 1000).toISOString().replace("Z", "323Z")],
    ]);
    expect(await to.store.append([{ ...gone!, id: "late" }])).toMatchObject({ accepted: 0, purged: ["late"] });
  });

  test("a run that was purged in the target is named as missing, with the reason", async () => {
    const [event] = hardEvents(2).slice(1);
    await from.store.append([event!]);
    await to.store.append([{ ...event!, id: "stone", kind: "purge", actor: "ada" }]);
    expect(await copy().ended).toMatchObject({
      code: 1,
      text: expect.stringContaining("1 events of runs that were purged"),
    });
    expect(report()).toMatchObject({ purged: [event!.id], differences: [{ run: event!.run, missing: [event!.id] }] });
  });

  test("what readers of the target cannot see yet is waited for", async () => {
    await appendAll(from.store, hardEvents(10));
    const [holder, client] = [await connected(to.ownerUrl), await connected(to.url)];
    // A transaction that stays open holds up the readers of every database of the server.
    onTestFinished(() => Promise.all([holder.end(), client.end()]).then(() => {}));
    // The source is read to its end before the open transaction begins, which would hold up its readers, too.
    await holder.query("BEGIN");
    await holder.query("LOCK TABLE integraviz.events IN SHARE MODE");
    const { ended } = copy();
    const waiting = "SELECT FROM pg_locks WHERE NOT granted AND relation = 'integraviz.events'::regclass";
    await expect.poll(async () => (await holder.query(waiting)).rowCount, { timeout: 60_000 }).toBe(1);
    await client.query("BEGIN");
    await client.query("INSERT INTO denied_tokens (jti, actor) VALUES ('open', 'x')");
    await holder.query("ROLLBACK");
    const stored = async () => Number((await client.query("SELECT count(*) FROM events")).rows[0].count);
    await expect.poll(stored, { timeout: 30_000 }).toBe(10);
    await client.query("COMMIT");
    expect(await ended).toMatchObject({ code: 0 });
    expect(report()).toMatchObject({ events: 10, differences: [] });
  }, 90_000);

  test("beside runs that go on: all that stood there before the end is copied, in the server's order", async () => {
    const events = hardEvents(6_000);
    await appendAll(from.store, events.slice(0, 3_000));
    const { ended } = copy();
    await appendAll(from.store, events.slice(3_000), 50);
    expect(await ended).toMatchObject({ code: 0 });
    expect(await copy().ended).toMatchObject({ code: 0 });
    expect(await copied()).toBe(6_000);
    const ids = async (of: FreshStore) => (await logOf(of)).map(({ id }) => id);
    expect(await ids(to)).toEqual(await ids(from));
  }, 90_000);

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
    [["--from", "snowflake://me@acme-lab/D/S?role=R", "--to", "y"], /acme-lab\/D\/S lacks \?warehouse=. --help/],
    [["--from", "snowflake://me@acme-lab/D?password=secret", "--to", "y"], /acme-lab\/D lacks the schema in its path/],
    [
      ["--from", "bigquery://p/d?region=US", "--to", "y"],
      /bigquery:\/\/p\/d has no parameter region: there are location/,
    ],
    [["--to", "postgres://localhost/x"], /^error: required option '--from <store>' not specified\n$/],
    [
      ["--from", "postgres://me:secret@127.0.0.1:1/x", "--to", "y"],
      /--from postgres:\/\/me@127.0.0.1:1\/x cannot be read/,
    ],
    [
      ["--from", "/nowhere/.integraviz", "--to", "y"],
      /--from \/nowhere\/.integraviz: no such folder. Run integraviz start first/,
    ],
    [["--from", "a", "--to", "b", "--form", "x"], /^error: unknown option '--form' \(Did you mean --from\?\)\n$/],
  ])("%j: one error, exit code 1, no secret and no file", async (args, message) => {
    const { code, text } = await command("copy", args, folder).ended;
    expect(code).toBe(1);
    expect(text).toMatch(message);
    expect(text).not.toContain("secret");
    expect(readdirSync(folder)).toEqual([]);
  });
});
