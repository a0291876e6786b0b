import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { buildBundles } from "../../../../functions/build/build.ts";
import { panelLogin } from "../../../../functions/stores/postgres/panel-logins.ts";
import { openCuttingProxy } from "../../../stand-ins/cutting-proxy.ts";
import { aloneFolder, invoke, loginOf, runBundle } from "../../build/bundle-process.ts";
import { asUser, freshDatabase, sharedCluster } from "./fresh-database.ts";

const folder = await mkdtemp(join(tmpdir(), "integraviz-migrations-"));
await buildBundles(folder, ["migrate-lambda-postgres", "migrate-node-postgres"]);
const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
afterAll(async () => {
  for (const one of undo) await one();
});

type Users = { writer: string[]; reader: string[] };
type Migrate = (env: Record<string, string>) => Promise<string>;

const bundles: Record<string, Migrate> = {
  Lambda: async (env) => {
    const { file, remove } = await aloneFolder(join(folder, "migrate-lambda-postgres", "index.mjs"));
    undo.push(remove);
    return JSON.stringify(await invoke(file, { content: "0123456789abcdef" }, env));
  },
  Node: async (env) => {
    const { file, remove } = await aloneFolder(join(folder, "migrate-node-postgres", "index.mjs"));
    undo.push(remove);
    const running = runBundle([file], env);
    if ((await running.exit) !== 0) throw new Error(running.output());
    return running.output();
  },
};

describe.each(Object.entries(bundles))("the migration bundle on %s", (_, migrate) => {
  /** A database whose owner has nothing in it yet, and may make roles. */
  async function empty() {
    const { name, superUrl } = await freshDatabase();
    await asUser(superUrl, (client) => client.query("DROP SCHEMA integraviz CASCADE"));
    await asUser(superUrl, (client) => client.query(`ALTER DATABASE ${name} RESET search_path`));
    const { login, password } = loginOf(superUrl);
    const suffix = randomUUID().slice(0, 8);
    const userOf = (role: string, n: number) => `test_${role}_${n}_${suffix}`;
    const passwordOf = (user: string) => `p'"\\ ${user}`;
    undo.push(() =>
      asUser(sharedCluster().superUrl("postgres"), async (client) => {
        const { rows } = await client.query("SELECT rolname FROM pg_roles WHERE rolname LIKE $1", [`test%${suffix}`]);
        for (const { rolname } of rows) await client.query(`DROP ROLE ${rolname}`);
      }),
    );
    return {
      userOf,
      passwordOf,
      port: login.port,
      run: (users: Users | null, passwords?: Record<string, string>, port = login.port) =>
        migrate({
          INTEGRAVIZ_STORE: JSON.stringify({ ...login, port }),
          ...(users === null ? {} : { INTEGRAVIZ_ROLES: JSON.stringify(users) }),
          INTEGRAVIZ_SECRETS: JSON.stringify({
            store: { password },
            roles:
              passwords ??
              Object.fromEntries(
                [...(users?.writer ?? []), ...(users?.reader ?? [])].map((user) => [user, passwordOf(user)]),
              ),
          }),
        }),
      as: (user: string, sql: string, secret = passwordOf(user)) => {
        const url = new URL(superUrl);
        url.username = user;
        url.password = encodeURIComponent(secret);
        return asUser(String(url), async (client) => (await client.query(sql)).rows);
      },
    };
  }

  test("makes the schema and the users, each with its own rights", async () => {
    const { run, as, userOf, passwordOf } = await empty();
    const [writer, reader] = [userOf("writer", 1), userOf("reader", 1)];
    const said = await run({ writer: [writer], reader: [reader] });
    expect(said).not.toContain(passwordOf(writer));
    expect(said).not.toContain(writer);
    expect(await as(writer, "SELECT count(*)::int AS n FROM events")).toEqual([{ n: 0 }]);
    expect(await as(reader, "SELECT count(*)::int AS n FROM runs")).toEqual([{ n: 0 }]);
    await expect(as(writer, "DELETE FROM events")).rejects.toMatchObject({ code: "42501" });
    await expect(as(reader, "SELECT * FROM events")).rejects.toMatchObject({ code: "42501" });
    await expect(as(reader, "CREATE TEMP TABLE t (a int)")).rejects.toMatchObject({ code: "25006" });
  });

  test("rotates: two users at a time, then the oldest is gone; again changes nothing", async () => {
    const { run, as, userOf, passwordOf } = await empty();
    const users = (role: "writer" | "reader", ...numbers: number[]) => numbers.map((n) => userOf(role, n));
    const both = (...numbers: number[]) => ({
      writer: users("writer", ...numbers),
      reader: users("reader", ...numbers),
    });
    await run(both(1));
    await run(both(2, 1));
    for (const n of [1, 2]) await as(userOf("writer", n), "SELECT 1");
    // What the panel of each of them logs in as.
    const panels = [1, 2].map((n) => panelLogin(passwordOf(userOf("reader", n)), ["p"]));
    const inside = (n: number) => as(panels[n - 1]!.login, "SELECT count(*) FROM runs", panels[n - 1]!.password);
    for (const { login, password } of panels)
      await as(userOf("writer", 2), `SELECT ensure_panel_login('${login}', '${password}', '{p}')`);
    for (const n of [1, 2]) await inside(n);
    await run(both(3, 2));
    await run(both(3, 2));
    await inside(2);
    await expect(inside(1)).rejects.toMatchObject({ code: "28P01" });
    for (const n of [2, 3]) await as(userOf("reader", n), "SELECT count(*) FROM metrics");
    await expect(as(userOf("writer", 1), "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
    await expect(as(userOf("reader", 1), "SELECT 1")).rejects.toMatchObject({ code: "28P01" });
  });

  test("a password that changed is the only one that is good", async () => {
    const { run, as, userOf } = await empty();
    const users = { writer: [userOf("writer", 1)], reader: [] };
    await run(users, { [userOf("writer", 1)]: "first" });
    await run(users, { [userOf("writer", 1)]: "second" });
    await as(userOf("writer", 1), "SELECT 1", "second");
    await expect(as(userOf("writer", 1), "SELECT 1", "first")).rejects.toMatchObject({ code: "28P01" });
  });

  test("another database's users are left alone", async () => {
    const [one, other] = [await empty(), await empty()];
    await one.run({ writer: [one.userOf("writer", 1)], reader: [] });
    await other.run({ writer: [other.userOf("writer", 1)], reader: [] });
    await one.as(one.userOf("writer", 1), "SELECT 1");
  });

  test("a server that does not answer at first is asked again", async () => {
    const { run, as, userOf, port } = await empty();
    const line = await openCuttingProxy(port);
    undo.push(() => line.close());
    line.cutReply(0);
    await run({ writer: [userOf("writer", 1)], reader: [] }, undefined, line.port);
    expect(line.cuts).toBe(1);
    await as(userOf("writer", 1), "SELECT 1");
  });

  test("without roles only the schema is brought up to date", async () => {
    await (await empty()).run(null);
  });

  test("a user without a password is an error that names it, and nothing of the users is done", async () => {
    const { run, as, userOf } = await empty();
    const users = { writer: [userOf("writer", 1), userOf("writer", 2)], reader: [] };
    await expect(run(users, { [userOf("writer", 1)]: "first" })).rejects.toThrow(
      `no password of ${userOf("writer", 2)}`,
    );
    await expect(as(userOf("writer", 1), "SELECT 1", "first")).rejects.toMatchObject({ code: "28P01" });
  });
});
