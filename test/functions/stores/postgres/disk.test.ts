import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync } from "node:fs";
import { chmod, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { createHandler } from "../../../../functions/http/handler.ts";
import type { Grant } from "../../../../functions/http/tokens.ts";
import { openPostgresStore } from "../../../../functions/stores/postgres/postgres.ts";
import { asUser, type FreshDatabase, freshDatabase, sharedCluster } from "./fresh-database.ts";

const grant: Grant = { actor: "ada", projects: "*", scopes: ["read", "ingest"], jti: "1" };

/** A gateway over a database whose disk may be full, and what it was told of the disk. */
async function openOn(database: FreshDatabase) {
  const told: boolean[] = [];
  const store = openPostgresStore({ ...database, onFull: (isFull) => told.push(isFull) });
  const handler = createHandler({ store, verify: async () => grant });
  const headers = { authorization: "Bearer x" };
  return {
    told,
    close: () => store.close(),
    post: (run: string, text = "") =>
      handler.request("/v1/events", {
        method: "POST",
        headers,
        body: JSON.stringify({ run_id: run, kind: "on_epoch_end", epoch: 0, logs: { loss: 1, text } }),
      }),
    health: async () => {
      const answer = await handler.request("/healthz");
      return { status: answer.status, body: await answer.json() };
    },
  };
}

const FULL = { status: 503, body: { store: { ok: false, detail: "The disk of the database is full." } } };

/** One refusal of a full disk: the code and its fix, to be tried again. */
async function expectFull(answer: Response) {
  expect(answer.status).toBe(507);
  expect(answer.headers.get("retry-after")).toBe("5");
  expect(await answer.json()).toMatchObject({
    code: "store-full",
    detail: "The disk of the database is full.",
    fix: expect.stringContaining("Give it room"),
  });
}

test("a full disk is told by the answer and by health, and once to the gateway, until there is room", async () => {
  const database = await freshDatabase();
  const gateway = await openOn(database);
  try {
    await asUser(database.superUrl, (client) =>
      client.query(`
        CREATE FUNCTION integraviz.no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
          RAISE EXCEPTION 'could not extend file "base/1/2": No space left on device' USING ERRCODE = 'disk_full';
        END $$;
        CREATE TRIGGER no_room BEFORE INSERT ON integraviz.events FOR EACH ROW EXECUTE FUNCTION integraviz.no_room()`),
    );
    expect((await gateway.health()).status).toBe(200);
    for (let index = 0; index < 3; index++) await expectFull(await gateway.post("r"));
    expect(await gateway.health()).toMatchObject(FULL);
    expect(gateway.told).toEqual([true]);
    await asUser(database.superUrl, (client) => client.query("DROP TRIGGER no_room ON integraviz.events"));
    expect((await gateway.post("r")).status).toBe(200);
    expect(await gateway.health()).toMatchObject({ status: 200, body: { status: "ok" } });
    expect(gateway.told).toEqual([true, false]);
  } finally {
    await gateway.close();
  }
});

/** A file system of 1 MB, where this process may make one. */
const folder = mkdtempSync(join(tmpdir(), "integraviz-disk-"));
const isMounted = mounts(["-t", "tmpfs", "-o", "size=1m", "tmpfs", folder]);

function mounts(args: string[]): boolean {
  try {
    execFileSync("mount", args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe.skipIf(!isMounted)("a file system of 1 MB", () => {
  afterAll(async () => {
    execFileSync("umount", ["--lazy", folder]);
    await rm(folder, { recursive: true, force: true });
  });

  test("fills up: nothing acknowledged is lost, and all goes on when it has grown", async () => {
    await chmod(folder, 0o777);
    const inside = join(folder, "space");
    const database = await freshDatabase();
    const space = `space_${database.name}`;
    const uid = execFileSync("id", ["-u", "postgres"], { encoding: "utf8" }).trim();
    execFileSync("install", ["-d", "-m", "700", "-o", uid, inside]);
    const asSuper = (sql: string) => asUser(database.superUrl, (client) => client.query(sql));
    await asSuper(`CREATE TABLESPACE ${space} LOCATION '${inside}'`);
    await asSuper(`ALTER TABLE integraviz.events SET TABLESPACE ${space}`);
    const gateway = await openOn(database);
    try {
      const taken: string[] = [];
      let last: Response | null = null;
      for (let index = 0; index < 100 && last === null; index++) {
        const answer = await gateway.post(`r${index}`, randomBytes(40_000).toString("base64"));
        if (answer.status === 200) taken.push(`r${index}`);
        else last = answer;
      }
      expect(taken.length).toBeGreaterThan(1);
      await expectFull(last as Response);
      await expectFull(await gateway.post("again", randomBytes(40_000).toString("base64")));
      expect(await gateway.health()).toMatchObject(FULL);
      expect(gateway.told).toEqual([true]);
      execFileSync("mount", ["-o", "remount,size=16m", folder]);
      expect((await gateway.post("after", randomBytes(40_000).toString("base64"))).status).toBe(200);
      expect((await gateway.health()).status).toBe(200);
      expect(gateway.told).toEqual([true, false]);
      const { rows } = await asSuper("SELECT run_id FROM integraviz.events ORDER BY pos");
      expect(rows.map(({ run_id }) => run_id)).toEqual([...taken, "after"]);
    } finally {
      await gateway.close();
      await asUser(sharedCluster().superUrl("postgres"), (client) => client.query(`DROP DATABASE ${database.name}`));
      await asUser(sharedCluster().superUrl("postgres"), (client) => client.query(`DROP TABLESPACE ${space}`));
    }
  });
});
