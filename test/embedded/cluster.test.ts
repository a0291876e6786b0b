import { readFileSync } from "node:fs";
import { appendFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, type ClusterOptions, startCluster } from "../../embedded/cluster.ts";
import { type DataFolder, openDataFolder } from "../../embedded/data-folder.ts";
import { FolderTaken } from "../../embedded/folder-lock.ts";
import { asUser } from "../functions/stores/postgres/fresh-database.ts";

let data: DataFolder;
let said: string[];
const start = (options: Partial<ClusterOptions> = {}) => {
  said = [];
  return startCluster({ data, say: (what) => said.push(what), ...options });
};
/** Whether the server in the folder lives. */
function isRunning(): boolean {
  try {
    return process.kill(Number.parseInt(readFileSync(join(data.cluster, "postmaster.pid"), "utf8"), 10), 0);
  } catch {
    return false;
  }
}
const answers = (cluster: Cluster) => asUser(cluster.superUrl("postgres"), (client) => client.query("SELECT 1"));

beforeAll(async () => {
  data = openDataFolder(await mkdtemp(join(tmpdir(), "integraviz-cluster-")));
});
afterAll(() => rm(data.path, { recursive: true, force: true }));

/** With a server that cannot start, until its settings are back. */
async function withoutSettings(work: () => Promise<void>): Promise<void> {
  const settings = join(data.cluster, "postgresql.conf");
  await rename(settings, `${settings}.away`);
  try {
    await work();
  } finally {
    await rename(`${settings}.away`, settings);
  }
}

describe("a server that dies", () => {
  test("is left alone where it is being stopped meanwhile", async () => {
    const cluster = await start();
    process.kill(cluster.pid(), "SIGKILL");
    await expect.poll(() => said.length).toBe(1);
    await cluster.stop();
    expect(said).toEqual(["PostgreSQL ended unexpectedly; starting it again."]);
    expect(isRunning()).toBe(false);
  });

  test("and cannot be started is tried again until it can", async () => {
    const cluster = await start({ deadlineMs: 500 });
    await withoutSettings(async () => {
      process.kill(cluster.pid(), "SIGKILL");
      await expect.poll(() => said.at(-1)).toMatch(/PostgreSQL does not start\. .* Trying again\./);
    });
    await expect.poll(() => said.at(-1), { timeout: 20_000 }).toBe("PostgreSQL is back.");
    await answers(cluster);
    await cluster.stop();
    expect(isRunning()).toBe(false);
  });

  test("and cannot be started is no reason not to stop", async () => {
    const cluster = await start({ deadlineMs: 500 });
    await withoutSettings(async () => {
      process.kill(cluster.pid(), "SIGKILL");
      await expect.poll(() => said.at(-1)).toMatch(/Trying again/);
      await cluster.stop();
    });
  });
});

describe("a start", () => {
  test("that takes too long leaves no server behind", async () => {
    await expect(start({ deadlineMs: -1 })).rejects.toThrow("PostgreSQL does not start.");
    expect(isRunning()).toBe(false);
  });

  test.each(["given up", "done"])("of a server that recovers is waited for, until it is %s", async (end) => {
    const held = join(data.path, "held");
    await writeFile(held, "");
    await appendFile(
      join(data.cluster, "postgresql.conf"),
      `\nrestore_command = 'while [ -e ${held} ]; do sleep 0.05; done; false'\n`,
    );
    await writeFile(join(data.cluster, "recovery.signal"), "");
    const before = readFileSync(data.serverLog, "utf8").length;
    const giveUp = new AbortController();
    const starting = start({ signal: giveUp.signal, deadlineMs: 1_000 });
    starting.catch(() => {});
    // It asks again after 20 ms at the least, so this is after the deadline.
    const words = () => readFileSync(data.serverLog, "utf8").slice(before);
    const refusals = () => words().match(/system is (starting up|not yet accepting)/g)?.length ?? 0;
    await expect.poll(refusals, { timeout: 25_000 }).toBeGreaterThan(60);
    expect(isRunning()).toBe(true);
    if (end === "given up") giveUp.abort();
    if (end === "given up") await expect(starting).rejects.toThrow();
    await rm(held);
    if (end === "done") await (await starting).stop();
    expect(isRunning()).toBe(false);
  });

  test("in a folder whose server serves another is refused, and so is one where it does not answer", async () => {
    const cluster = await start();
    await expect(start()).rejects.toThrow(FolderTaken);
    process.kill(cluster.pid(), "SIGSTOP");
    await expect(start({ deadlineMs: 500 })).rejects.toThrow(/\(process \d+\) does not answer\. End it/);
    process.kill(cluster.pid(), "SIGCONT");
    await answers(cluster);
    expect(said).toEqual([]);
    await cluster.stop();
  });
});
