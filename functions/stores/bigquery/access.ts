import type { AccessCompiler, AccessGroups, AccessNames } from "../about.ts";

export const access: AccessCompiler = {
  member: {
    pattern: /^(user|group|serviceAccount|domain):[A-Za-z0-9._%+@-]+$/,
    problem: "is no principal: use one such as group:vision@example.com",
  },
  names: {
    project: { value: "id" },
    events: { value: "dataset", help: "the dataset of the events" },
    views: { value: "dataset", help: "the dataset of the views" },
  },
  tables: ["events"],
  statements,
};

/**
 * The policy as row access policies on the tables, which hold for whoever asks, through the
 * authorized views too, and read access to the views. A table with any such policy shows nothing to
 * who is named in none: the trusted come first. Who asks also needs roles/bigquery.jobUser in the
 * project, which is no SQL. Control is by token there.
 */
function statements(groups: AccessGroups, { names, trusted, tables }: AccessNames): string[] {
  const { project = "", events = "", views = "" } = names;
  const at = (dataset: string, table?: string) =>
    `\`${[project, dataset, ...(table === undefined ? [] : [table])].join(".")}\``;
  const peopled = Object.entries(groups).filter(([, { members }]) => members.length > 0);
  const policies = tables.flatMap((table) => [
    rowAccess("trusted", at(events, table), trusted, "TRUE"),
    ...peopled.map(([group, { projects, members }]) => {
      const filter = projects === "*" ? "TRUE" : `project IN (${projects.map(literal).join(", ")})`;
      return rowAccess(`group_${group}`, at(events, table), members, filter);
    }),
  ]);
  const grants = peopled.map(
    ([, { members }]) =>
      `GRANT \`roles/bigquery.dataViewer\` ON SCHEMA ${at(views)} TO ${members.map(literal).join(", ")}`,
  );
  return [...policies, ...grants];
}

function rowAccess(name: string, table: string, principals: readonly string[], filter: string): string {
  const to = principals.map(literal).join(", ");
  return `CREATE OR REPLACE ROW ACCESS POLICY ${name} ON ${table}\n  GRANT TO (${to})\n  FILTER USING (${filter})`;
}

const literal = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
