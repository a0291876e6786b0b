import type { AccessPolicy } from "./policy.ts";

/** Names that the storage component made. */
export interface BigQueryNames {
  project: string;
  /** The dataset of the events. */
  events: string;
  /** The dataset of the views, which is authorized to read the other. */
  views: string;
  /** Principals that see everything: the owner's, the writers' and the dashboards'. */
  trusted: readonly string[];
  /** Tables with a column project. */
  tables: readonly string[];
}

/**
 * The policy as row access policies on the tables, which hold for whoever asks, through the
 * authorized views too, and read access to the views. A table with any such policy shows nothing to
 * who is named in none: the trusted come first. Who asks also needs roles/bigquery.jobUser in the
 * project, which is no SQL. Control is by token there.
 */
export function bigqueryStatements({ groups }: AccessPolicy, names: BigQueryNames): string[] {
  const at = (dataset: string, table?: string) =>
    `\`${[names.project, dataset, ...(table === undefined ? [] : [table])].join(".")}\``;
  const members = Object.entries(groups).filter(([, { bigquery }]) => bigquery.length > 0);
  const policies = names.tables.flatMap((table) => [
    rowAccess("trusted", at(names.events, table), names.trusted, "TRUE"),
    ...members.map(([group, { projects, bigquery }]) => {
      const filter = projects === "*" ? "TRUE" : `project IN (${projects.map(literal).join(", ")})`;
      return rowAccess(`group_${group}`, at(names.events, table), bigquery, filter);
    }),
  ]);
  const grants = members.map(
    ([, { bigquery }]) =>
      `GRANT \`roles/bigquery.dataViewer\` ON SCHEMA ${at(names.views)} TO ${bigquery.map(literal).join(", ")}`,
  );
  return [...policies, ...grants];
}

function rowAccess(name: string, table: string, principals: readonly string[], filter: string): string {
  const to = principals.map(literal).join(", ");
  return `CREATE OR REPLACE ROW ACCESS POLICY ${name} ON ${table}\n  GRANT TO (${to})\n  FILTER USING (${filter})`;
}

const literal = (text: string): string => `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
