import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, startCluster } from "../../../embedded/cluster.ts";
import { openDataFolder } from "../../../embedded/data-folder.ts";
import { prepareDatabase } from "../../../embedded/database.ts";
import type { Programs } from "../../../embedded/initdb.ts";
import { startStack } from "../../../embedded/stack.ts";
import { issueToken } from "../../../embedded/tokens.ts";
import { openPostgresStore } from "../../../functions/stores/postgres/postgres.ts";
import type { LoggedEvent, Store } from "../../../functions/stores/store.ts";
import { backUp } from "../../../operations/backup/backup.ts";
import { restore } from "../../../operations/backup/restore.ts";
import { command } from "../../commands/command-line.ts";
import { appendAll, hardEvents } from "../logs.ts";
import { postgres17 } from "./postgres-17.ts";

const EVENTS = 3_000;
const folder = mkdtempSync(join(tmpdir(), "integraviz-backup-"));
const at = (name: string) => join(folder, name);
const silent = () => {};
const older = await postgres17();

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The store of a data folder whose server is up for as long as the work takes. */
async function withStore<T>(data: string, work: (store: Store, cluster: Cluster) => Promise<T>, programs?: Programs) {
  const opened = openDataFolder(data);
  const cluster = await startCluster({ data: opened, ...(programs && { programs }) });
  try {
    const store = openPostgresStore({ ...(await prepareDatabase(cluster, opened.secrets)), seals: false });
    return await work(store, cluster).finally(() => store.close());
  } finally {
    await cluster.stop();
  }
}

const logOf = async (store: Store): Promise<LoggedEvent[]> =>
  (await store.log({ after: null, before: await store.settled(), limit: 10_000 })).events.map(({ logs, ...event }) => ({
    ...event,
    logs: logs === null ? null : JSON.stringify(JSON.parse(logs)),
  }));

describe("an installation", () => {
  const source = at("source");
  const file = at("runs.backup");
  let events: LoggedEvent[];

  beforeAll(async () => {
    events = await withStore(source, async (store) => {
      await appendAll(store, hardEvents(EVENTS));
      await store.denyToken("stolen", "ada");
      return logOf(store);
    });
  });

  test("is backed up and restored event by event, with its tokens and those taken back", async () => {
    const seen: string[] = [];
    const done = await backUp({ data: source, file }, (count, total, what) => seen.push(`${what} ${count}/${total}`));
    expect(done).toMatchObject({ events: EVENTS, runs: 6, hash: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(done.bytes).toBe(statSync(file).size);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(seen).toEqual(expect.arrayContaining([`backing up ${EVENTS}/${EVENTS}`, `checking ${EVENTS}/${EVENTS}`]));
    const { bytes: _, ...counted } = done;
    expect(await restore({ file, data: at("restored") }, silent)).toEqual(counted);
    expect(openDataFolder(at("restored")).secrets).toEqual(openDataFolder(source).secrets);
    await withStore(at("restored"), async (store) => {
      expect(await logOf(store)).toEqual(events);
      expect([...(await store.deniedTokens())]).toEqual(["stolen"]);
    });
    expect(readdirSync(folder).sort()).toEqual(["restored", "runs.backup", "source"]);
  });

  test("that runs is backed up with all that is acknowledged, and its tokens hold where it is restored", async () => {
    const stack = await startStack({ data: source, port: 0 });
    const post = (id: string) =>
      fetch(`${stack.endpoint.url}/v1/events`, {
        method: "POST",
        headers: { authorization: `Bearer ${stack.endpoint.token}` },
        body: JSON.stringify({ run_id: "live", event_id: id, kind: "on_epoch_end", epoch: 0, logs: { loss: 1 } }),
      });
    try {
      expect((await post("before")).status).toBe(200);
      let sent = 0;
      let going = true;
      const writing = (async () => {
        while (going) if ((await post(`while ${sent}`)).ok) sent += 1;
      })();
      const { code, text } = await command("backup", ["--data", source, "live.backup", "--json"], folder).ended;
      going = false;
      await writing;
      expect(code, text).toBe(0);
      const { events: count } = JSON.parse(text);
      expect(count).toBeGreaterThan(EVENTS);
      expect(count).toBeLessThanOrEqual(EVENTS + 1 + sent);
    } finally {
      await stack.stop();
    }
    const { token } = await issueToken(source, { actor: "ann", projects: "*", scopes: ["read"] });
    const made = await command("restore", ["live.backup", "--data", "live"], folder).ended;
    expect(made, made.text).toMatchObject({ code: 0, text: expect.stringContaining("compared with live.backup") });
    const restored = await startStack({ data: at("live"), port: 0 });
    try {
      const answer = await fetch(`${restored.endpoint.url}/v1/runs/live`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(answer.status).toBe(200);
    } finally {
      await restored.stop();
    }
  });

  test.each([
    ["backup", ["runs.backup", "--data", "source"], "runs.backup is there already."],
    ["backup", ["other.backup", "--data", "nowhere"], "There is no installation in nowhere."],
    ["restore", ["runs.backup", "--data", "source"], "source holds something already."],
    ["restore", ["none.backup", "--data", "new"], "There is no file none.backup."],
  ])("%s %j is refused in a line: %s", async (name, args, words) => {
    const { code, text } = await command(name, args, folder).ended;
    expect({ code, text }).toEqual({ code: 1, text: expect.stringMatching(/^error: [^\n]+\n$/) });
    expect(text).toContain(words);
  });

  test("a restore that is interrupted leaves nothing behind", async () => {
    const { child, ended } = command("restore", ["runs.backup", "--data", "half"], folder);
    await expect.poll(() => existsSync(at("half.restoring")), { timeout: 20_000 }).toBe(true);
    child.kill("SIGINT");
    const { code, text } = await ended;
    expect({ code, text }).toEqual({ code: 1, text: "error: It was interrupted, and nothing of it is left.\n" });
    expect(readdirSync(folder).filter((name) => name.startsWith("half"))).toEqual([]);
  });

  test("the folder of another restore is left alone", async () => {
    mkdirSync(at("busy.restoring"));
    await expect(restore({ file, data: at("busy") }, silent)).rejects.toThrow(/busy\.restoring already: another/);
    expect(readdirSync(folder).filter((name) => name.startsWith("busy"))).toEqual(["busy.restoring"]);
    rmdirSync(at("busy.restoring"));
  });

  test("a folder that cannot be replaced is refused before any work", async ({ skip }) => {
    mkdirSync(at("mounted"));
    const { status } = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", at("mounted")]);
    if (status !== 0) return skip("mounting takes root");
    try {
      const said: string[] = [];
      const restoring = restore({ file, data: at("mounted") }, (_done, _of, what) => said.push(what));
      await expect(restoring).rejects.toThrow(/mounted cannot be replaced \(EBUSY.*a mounted folder cannot/);
      expect(said).toEqual([]);
      expect(readdirSync(folder).filter((name) => name.startsWith("mounted"))).toEqual(["mounted"]);
    } finally {
      spawnSync("umount", [at("mounted")]);
    }
  });

  const whole = () => gunzipSync(readFileSync(file)).toString();
  const lines = () => whole().split("\n");
  test.each<[string, () => Buffer | string, RegExp]>([
    ["cut off", () => readFileSync(file).subarray(0, -1000), /is not a whole backup/],
    ["with its last line cut off", () => gzipSync(lines().slice(0, -2).join("\n")), /is not a whole backup/],
    ["with an event less", () => gzipSync(lines().toSpliced(7, 1).join("\n")), /is not a whole backup/],
    ["with another value", () => gzipSync(whole().replace('"loss":0.1', '"loss":0.2')), /is not a whole backup/],
    ["of something else", () => gzipSync('{"a":1}\n'), /is no backup/],
    ["of a later version", () => gzipSync(whole().replace('backup":1', 'backup":2')), /of a newer integraviz/],
    ["not gzipped", () => "hello", /is not a whole backup/],
  ])("a file %s is refused, and nothing is made of it", async (_, content, words) => {
    writeFileSync(at("bad.backup"), content());
    await expect(restore({ file: at("bad.backup"), data: at("new") }, silent)).rejects.toThrow(words);
    expect(readdirSync(folder)).not.toContain("new");
    expect(readdirSync(folder).filter((name) => name.endsWith(".restoring"))).toEqual([]);
  });
});

describe("a data folder of another major version of PostgreSQL", () => {
  const REFUSED =
    /was made by PostgreSQL \d+, and this package has 18, which cannot read it\. Run `integraviz backup FILE`/;

  test("is refused in one line with the way over", async () => {
    const data = openDataFolder(at("sixteen"));
    await startCluster({ data }).then((cluster) => cluster.stop());
    writeFileSync(join(data.cluster, "PG_VERSION"), "16\n");
    const { code, text } = await command("start", ["--data", "sixteen", "--port", "0", "--no-train"], folder).ended;
    expect({ code, text }).toEqual({ code: 1, text: expect.stringMatching(/^error: [^\n]+\n$/) });
    expect(text).toMatch(REFUSED);
    expect(text).toContain("made by PostgreSQL 16");
  });

  test.skipIf(older === null)("goes over by a backup with the old one and a restore with the new", async () => {
    const programs = older as Programs;
    const data = at("seventeen");
    const events = await withStore(
      data,
      async (store) => {
        await appendAll(store, hardEvents(500));
        return logOf(store);
      },
      programs,
    );
    expect(readFileSync(join(data, "postgres", "PG_VERSION"), "utf8")).toBe("17\n");
    await expect(startCluster({ data: openDataFolder(data) })).rejects.toThrow(REFUSED);
    await expect(backUp({ data, file: at("no.backup") }, silent)).rejects.toThrow(REFUSED);
    await backUp({ data, file: at("17.backup"), programs }, silent);
    await restore({ file: at("17.backup"), data: at("eighteen") }, silent);
    expect(readFileSync(join(at("eighteen"), "postgres", "PG_VERSION"), "utf8")).toBe("18\n");
    expect(await withStore(at("eighteen"), logOf)).toEqual(events);
  });
});
