import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openPostgresStore } from "../../../../functions/stores/postgres/postgres.ts";
import type { Store } from "../../../../functions/stores/store.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import { asUser, type FreshDatabase, freshDatabase } from "./fresh-database.ts";

const POLICY = `groups:
  vision: {projects: [mnist, cifar], access: read, postgres: [ada, grace]}
  speech: {projects: [voices], access: control, postgres: [ada]}
  platform: {projects: "*", access: control, postgres: [root]}
`;

let database: FreshDatabase;
let store: Store;
beforeAll(async () => {
  database = await freshDatabase();
  store = openPostgresStore(database);
  for (const project of ["mnist", "cifar", "voices", "other"])
    await store.append([sampleEvent({ project, run: project })]);
});
afterAll(async () => {
  await access("groups: {}", "--apply");
  await store.close();
});

/** Runs the command on a policy, and gives the logins it made by name. */
async function access(policy: string, ...args: string[]) {
  const folder = mkdtempSync(join(tmpdir(), "policy-"));
  const file = join(folder, "access.yaml");
  writeFileSync(file, policy);
  const script = ["--import", "tsx", "commands/integraviz.ts", "access", "--url", database.ownerUrl, "--policy", file];
  const child = spawn(process.execPath, [...script, ...args]);
  let text = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (text += chunk));
  const [code] = await once(child, "close");
  rmSync(folder, { recursive: true });
  const urls = [...text.matchAll(/^postgres:\/\/integraviz_user_(\w+):.*$/gm)];
  return { code, text, logins: Object.fromEntries(urls.map(([url, name]) => [name as string, url])) };
}

const projectsOf = (url: string) =>
  asUser(url, async (client) =>
    (await client.query("SELECT project FROM runs ORDER BY 1")).rows.map(({ project }) => project),
  );

describe("npm run access on PostgreSQL", () => {
  test("shows the SQL and changes nothing, then makes it so, then follows the policy", async () => {
    const shown = await access(POLICY);
    expect(shown).toMatchObject({ code: 0, logins: {}, text: expect.stringContaining("Nothing was changed.") });
    expect(shown.text).toContain('CREATE ROLE "integraviz_user_ada" LOGIN');

    const { logins } = await access(POLICY, "--apply");
    expect(Object.keys(logins)).toEqual(["ada", "grace", "root"]);
    const [ada, grace, root] = ["ada", "grace", "root"].map((name) => logins[name] as string) as [
      string,
      string,
      string,
    ];
    expect(await projectsOf(ada)).toEqual(["cifar", "mnist", "voices"]);
    expect(await projectsOf(grace)).toEqual(["cifar", "mnist"]);
    expect(await projectsOf(root)).toEqual(["cifar", "mnist", "other", "voices"]);

    // Grace is out, Ada loses a group, Root may see one project only: who is there keeps the password.
    const less = `groups:
  vision: {projects: [mnist], access: read, postgres: [ada]}
  platform: {projects: [other], access: read, postgres: [root]}
`;
    expect((await access(less, "--apply")).logins).toEqual({});
    expect(await projectsOf(ada)).toEqual(["mnist"]);
    expect(await projectsOf(root)).toEqual(["other"]);
    await expect(projectsOf(grace)).rejects.toMatchObject({ code: "28P01" });
    expect((await access(POLICY, "--apply")).logins).toMatchObject({ grace: expect.any(String) });
  });

  test("logins of another database of the server are left alone, and not taken over", async () => {
    const other = await freshDatabase();
    const elsewhere = ["--apply", "--url", other.ownerUrl];
    await access("groups: {}", "--apply");
    const ada = (await access(POLICY, "--apply")).logins.ada as string;
    const made = await access("groups: {g: {projects: [x], access: read, postgres: [linus]}}", ...elsewhere);
    expect(Object.keys(made.logins)).toEqual(["linus"]);
    expect(await access("groups: {g: {projects: [x], access: read, postgres: [ada]}}", ...elsewhere)).toMatchObject({
      code: 1,
      text: expect.stringContaining("The login integraviz_user_ada is there, but not of this database."),
    });
    await projectsOf(ada);
    expect((await access("groups: {}", ...elsewhere)).text).toContain('DROP ROLE "integraviz_user_linus"');
    await projectsOf(ada);
  });

  test("control asks a run to stop, as the one who logged in; reading does not, nor does any setting", async () => {
    await access("groups: {}", "--apply");
    const { logins } = await access(POLICY, "--apply");
    const stop = (name: string, project: string) =>
      asUser(logins[name] as string, (client) =>
        client.query("SELECT request_stop($1, $1, 'enough') AS id", [project]).then(({ rows }) => rows[0].id),
      );
    const id = await stop("ada", "voices");
    expect((await store.run("voices", "voices"))?.stop).toMatchObject({
      event_id: id,
      actor: "integraviz_user_ada",
      reason: "enough",
    });
    await stop("root", "other");
    for (const [name, project] of [
      ["ada", "mnist"],
      ["ada", "other"],
      ["ada", "nowhere"],
      ["root", "nowhere"],
    ] as const) {
      await expect(stop(name, project)).rejects.toMatchObject({
        message: `There is no run ${project} in project ${project} that you may stop.`,
      });
    }
    await expect(stop("grace", "mnist")).rejects.toMatchObject({ code: "42501" });
    await asUser(logins.ada as string, async (client) => {
      await expect(client.query("INSERT INTO integraviz.events DEFAULT VALUES")).rejects.toMatchObject({
        code: "42501",
      });
      await expect(client.query("UPDATE integraviz.project_access SET control = true")).rejects.toMatchObject({
        code: "42501",
      });
      await expect(client.query("SET SESSION AUTHORIZATION integraviz_user_root")).rejects.toMatchObject({
        code: "42501",
      });
      await expect(client.query("SET ROLE integraviz_user_root")).rejects.toMatchObject({ code: "42501" });
    });
  });

  test.each([
    [["--help"], 0, "--apply"],
    [["--on", "oracle"], 1, "argument 'oracle' is invalid. Allowed choices are postgres, bigquery, snowflake."],
    [["--on", "snowflake"], 1, "--database is missing: snowflake needs it."],
    [["--on", "bigquery", "--apply"], 1, "--apply is for postgres."],
    [
      ["--on", "bigquery", "--project", "p", "--events", "e", "--views", "v", "--trusted", "user:a@b.c"],
      0,
      "FILTER USING (TRUE)",
    ],
  ])("%j", async (args, code, text) => {
    expect(await access(POLICY, ...args)).toMatchObject({ code, text: expect.stringContaining(text) });
  });

  test("a policy that is none changes nothing", async () => {
    const refused = await access("groups: {g: {projects: [a], access: read, postgres: [ada], more: 1}}", "--apply");
    expect(refused).toMatchObject({ code: 1, text: expect.stringContaining("groups.g.more is not a setting.") });
  });
});
