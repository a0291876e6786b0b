import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { hasPython, NO_PYTHON, PYTHON } from "../../stand-ins/python-server.ts";

const DIALECTS = ["postgres", "snowflake", "bigquery"] as const;

/** What PostgreSQL has and sqlglot 30 has no word for. Whatever else it does not understand is a mistake. */
const KEPT_AS_TEXT: Record<string, { reason: string; statement: RegExp }[]> = {
  postgres: [
    {
      reason: "PARALLEL, plpgsql and bodies in BEGIN ATOMIC",
      statement: /^CREATE (OR REPLACE )?FUNCTION \w+\(.*(PARALLEL (SAFE|RESTRICTED)|LANGUAGE plpgsql)/s,
    },
    { reason: "the settings of a function, with its body", statement: /^SET search_path = .*AS \$\$.*\$\$$/s },
    { reason: "blocks of plpgsql", statement: /^DO \$\$.*\$\$$/s },
    { reason: "how a column is kept on disk", statement: /^ALTER TABLE \w+ (ALTER \w+ SET STORAGE EXTERNAL(, )?)+$/ },
    { reason: "GRANT on several schemas at once", statement: /^GRANT [A-Z, ]+ ON SCHEMA \w+, [\w, ]+ TO [\w, ]+$/ },
    { reason: "GRANT of a role", statement: /^GRANT \w+ TO CURRENT_USER$/ },
    { reason: "GRANT on several tables at once", statement: /^GRANT [A-Z, ]+ ON \w+, [\w, ]+ TO [\w, ]+$/ },
  ],
};

/** Ends of statements, read with the file they follow. */
const FOLLOWS: Record<string, string> = {
  "unless-purged.sql": "insert.sql",
  "without-purged.sql": "insert.sql",
};

interface Problem {
  problem?: string;
  command?: string;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const sqlIn = (folder: string, { recursive }: { recursive: boolean }): string[] =>
  existsSync(root + folder)
    ? readdirSync(root + folder, { recursive, encoding: "utf8" })
        .filter((name) => name.endsWith(".sql"))
        .map((name) => `${folder}/${name}`)
    : [];
const inDialect = DIALECTS.flatMap((dialect) =>
  [`functions/stores/${dialect}`, ...(dialect === "postgres" ? ["embedded"] : [])]
    .flatMap((folder) => sqlIn(folder, { recursive: true }))
    .map((file) => [dialect, file] as const),
);
/** Custom metrics and what dashboards ask have one text for all. */
const inAll = ["dashboards/metrics", "dashboards/datasets"]
  .flatMap((folder) => sqlIn(folder, { recursive: false }))
  .flatMap((file) => DIALECTS.map((dialect) => [dialect, file] as const));
const files = [...inDialect, ...inAll].toSorted((a, b) => (a.join() < b.join() ? -1 : 1));

describe.skipIf(!hasPython)(hasPython ? "every SQL file" : `every SQL file ${NO_PYTHON}`, () => {
  const problems = hasPython ? problemsOf(files) : [];

  test.each(files.map(([dialect, file], index) => [dialect, file, problems[index] ?? []] as const))(
    "%s: %s is understood",
    (dialect, _, found) => {
      const kept = KEPT_AS_TEXT[dialect] ?? [];
      expect(found.filter(({ command = "" }) => !kept.some(({ statement }) => statement.test(command)))).toEqual([]);
    },
  );

  test("a mistake and a statement of another dialect are found", () => {
    const mistakes = ["bad.sql", "foreign.sql"].map((name) => ["snowflake", `test/fixtures/sql/${name}`] as const);
    expect(problemsOf(mistakes)).toEqual([
      [{ problem: expect.stringContaining("line 2") }],
      [{ command: expect.stringContaining("CREATE POLICY") }],
    ]);
  });
});

function problemsOf(asked: (readonly [string, string])[]): Problem[][] {
  const script = fileURLToPath(new URL("./sql_problems.py", import.meta.url));
  const input = JSON.stringify(asked.map(([dialect, file]) => [dialect, statementIn(file).map((part) => root + part)]));
  return JSON.parse(execFileSync(PYTHON, [script], { input, encoding: "utf8" }));
}

/** The files that make up the statement a file stands in. */
function statementIn(file: string): string[] {
  const [folder, name] = [dirname(file), basename(file)];
  return FOLLOWS[name] === undefined ? [file] : [`${folder}/${FOLLOWS[name]}`, file];
}
