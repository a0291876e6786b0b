import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { access as bigquery } from "../../../functions/stores/bigquery/access.ts";
import { postgresPlan } from "../../../functions/stores/postgres/access.ts";
import { access as snowflake } from "../../../functions/stores/snowflake/access.ts";
import { groupsOn, readPolicy } from "../../../operations/access/policy.ts";
import { hasPython, NO_PYTHON, PYTHON } from "../../stand-ins/python-server.ts";

const text = readFileSync(new URL("../../fixtures/access.yaml", import.meta.url), "utf8");
const policy = readPolicy(text, "access.yaml");

const compiled = {
  postgres: postgresPlan(groupsOn(policy, "postgres"), ["integraviz_user_grace", "integraviz_user_left"]).statements,
  snowflake: snowflake.statements(groupsOn(policy, "snowflake"), {
    names: { database: "TEAM_DB", schema: "INTEGRAVIZ", warehouse: "TEAM_WH" },
    trusted: ["TEAM_OWNER", "TEAM_WRITER", "TEAM_READER"],
    tables: ["EVENTS"],
  }),
  bigquery: bigquery.statements(groupsOn(policy, "bigquery"), {
    names: { project: "team-ml", events: "integraviz_events", views: "integraviz_views" },
    trusted: ["serviceAccount:writer@team-ml.iam.gserviceaccount.com", "group:owners@example.com"],
    tables: ["events"],
  }),
};

describe("a policy as SQL", () => {
  test.each(Object.entries(compiled))("%s", async (dialect, statements) => {
    await expect(`${statements.join(";\n")};\n`).toMatchFileSnapshot(`golden/access-${dialect}.sql`);
  });

  test.skipIf(!hasPython).each(Object.entries(compiled))(
    hasPython ? "%s reads as its dialect" : `%s reads as its dialect ${NO_PYTHON}`,
    (dialect, statements) => {
      // It knows row access policies of neither vendor, and passes them on as commands.
      const known = statements.filter((statement) => !statement.includes("ROW ACCESS POLICY"));
      const program = `import json, sys, sqlglot
for one in json.load(sys.stdin): sqlglot.parse_one(one, read="${dialect}")`;
      execFileSync(PYTHON, ["-c", program], { input: JSON.stringify(known), stdio: ["pipe", "ignore", "pipe"] });
    },
  );

  test("can be looked at without a database", () => {
    const args = [
      "--import",
      "tsx",
      "commands/integraviz.ts",
      "access",
      "--policy",
      "test/fixtures/access.yaml",
      "--data",
      "nowhere",
    ];
    expect(execFileSync(process.execPath, args, { encoding: "utf8" })).toContain(
      'CREATE ROLE "integraviz_user_ada" LOGIN;',
    );
  });

  test("the one that ships is one", () => {
    const file = "stacks/access.yaml";
    expect(readPolicy(readFileSync(file, "utf8"), file)).toEqual({ groups: {} });
  });

  test("names cannot leave their quotes", () => {
    const names = { database: 'a"b', schema: "s", warehouse: "w" };
    const given = { names, trusted: ["it's"], tables: ["t"] };
    const sql = snowflake.statements(groupsOn(policy, "snowflake"), given).join("\n");
    expect(sql).toContain('"a""b"');
    expect(sql).toContain("'it''s'");
  });
});

describe("what is no policy", () => {
  const group = (more: string) => `groups:\n  g:\n    projects: [a]\n    access: read\n${more}`;
  test.each([
    ["", "The file is not right: expected object, received undefined."],
    ["groups: [", "is not YAML"],
    ["groups:\n  g: {projects: [a], access: read}\n  g: {}", 'duplicated mapping key in "access.yaml" (3:3)'],
    [group("    postgress: [ada]\n"), "groups.g.postgress is not a setting. Remove it."],
    ["groups: {}\nroles: {}\n", "roles is not a setting. Remove it."],
    ["groups:\n  g:\n    projects: [a]\n    access: write\n", "groups.g.access is neither read nor control."],
    ["groups:\n  g:\n    projects: []\n    access: read\n", "groups.g.projects"],
    [
      "groups:\n  g:\n    projects: all\n    access: read\n",
      'groups.g.projects is neither "*" nor a list of project names.',
    ],
    ["groups:\n  g:\n    access: read\n", "groups.g.projects"],
    ["groups:\n  g:\n    projects: [a, 'b c']\n    access: read\n", "groups.g.projects"],
    [group("    postgres: ['Ada; DROP']\n"), "groups.g.postgres[0] is no login"],
    [
      group("    bigquery: [ada@example.com]\n"),
      "groups.g.bigquery[0] is no principal: use one such as group:vision@example.com.",
    ],
    ["groups:\n  G-1:\n    projects: [a]\n    access: read\n", "groups.G-1 is no group's name"],
  ])("%j is refused with its place", (text, message) => {
    expect(() => readPolicy(text, "access.yaml")).toThrow(message);
  });
});
