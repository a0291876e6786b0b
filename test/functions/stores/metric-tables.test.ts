import { readdirSync, readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { parseSource, ROOT, trackedFiles } from "../../style/sources.ts";

/**
 * How metrics are stored beside the log can change underneath: nothing names those tables and columns but the files
 * here, and the numbered migrations that made them.
 */
const read = (path: string) => readFileSync(ROOT + path, "utf8");
const tables = ["002-chunks", "015-lines"].flatMap((name) =>
  [...read(`functions/stores/postgres/migrations/${name}.sql`).matchAll(/^CREATE TABLE (\w+)/gm)].map(
    ([, table]) => table as string,
  ),
);
const KNOWN_TO = {
  postgres: { names: tables, files: ["repeatable/metric-tables.sql"] },
  snowflake: { names: ["numbers"], files: ["repeatable/views.sql", "sql/insert.sql"] },
  bigquery: { names: ["entries"], files: ["repeatable/views.sql", "sql/series.sql"] },
};

test("PostgreSQL has these", () => {
  expect(tables.toSorted()).toEqual(["chunk_axes", "chunk_lines", "chunks", "sealed"]);
});

describe.each(Object.entries(KNOWN_TO))("what is behind the metrics on %s", (store, { names, files }) => {
  test("is named in SQL by these files alone", () => {
    const folder = `functions/stores/${store}/`;
    const naming = readdirSync(ROOT + folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".sql") && !/^migrations\/\d/.test(name))
      .filter((name) => namesAny(withoutComments(read(folder + name)), names));
    expect(naming.toSorted()).toEqual(files);
  });
});

test("no text in the code names a table behind the metrics of PostgreSQL", () => {
  const statement = new RegExp(`\\b(FROM|JOIN|INTO|UPDATE|TABLE)\\s[\\w.,\\s]*\\b(${tables.join("|")})\\b`);
  const naming = trackedFiles()
    .filter((path) => !/^(test|findings)\//.test(path) && !path.endsWith(".d.ts"))
    .flatMap((path) => textsIn(path).filter((text) => statement.test(text) || tables.includes(text)));
  expect(naming).toEqual([]);
  expect(statement.test("LOCK TABLE events, sealed IN SHARE MODE")).toBe(true);
});

const withoutComments = (sql: string) => sql.replace(/--.*$/gm, "");

/** A column of an answer may be called as a table is. */
const namesAny = (sql: string, names: readonly string[]) =>
  names.some((name) => new RegExp(`(?<!\\bAS )\\b${name}\\b`).test(sql));

function textsIn(path: string): string[] {
  const texts: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return;
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      texts.push(node.text);
    node.forEachChild(visit);
  };
  visit(parseSource(path));
  return texts;
}
