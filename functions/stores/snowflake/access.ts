import type { AccessCompiler, AccessGroups, AccessNames } from "../about.ts";
import { quotedName, quotedText } from "../sql-text.ts";

export const access: AccessCompiler = {
  runBy: "a role that may make roles and policies runs the SQL",
  member: { pattern: /^[A-Za-z_][A-Za-z0-9_$]{0,254}$/, problem: "is no Snowflake user's name" },
  names: {
    database: { value: "name" },
    warehouse: { value: "name" },
    schema: { value: "name", default: "INTEGRAVIZ" },
  },
  tables: ["EVENTS"],
  statements,
};

/**
 * The policy as statements for a role that may create roles and row access policies (Enterprise
 * edition). The body asks IS_ROLE_IN_SESSION of names written out: a session has the roles its user
 * was granted and no others. Control is by token there: an INSERT by a person would not say who it
 * was.
 */
function statements(groups: AccessGroups, { names, trusted, tables }: AccessNames): string[] {
  const { database = "", warehouse = "" } = names;
  const schema = `${quotedName(database)}.${quotedName(names.schema ?? "")}`;
  const policy = `${schema}."PROJECTS"`;
  const grants = Object.entries(groups).flatMap(([group, { members }]) => {
    const role = quotedName(roleOf(group));
    return [
      `CREATE ROLE IF NOT EXISTS ${role}`,
      `GRANT USAGE ON DATABASE ${quotedName(database)} TO ROLE ${role}`,
      `GRANT USAGE ON SCHEMA ${schema} TO ROLE ${role}`,
      `GRANT USAGE ON WAREHOUSE ${quotedName(warehouse)} TO ROLE ${role}`,
      `GRANT SELECT ON ALL VIEWS IN SCHEMA ${schema} TO ROLE ${role}`,
      `GRANT SELECT ON FUTURE VIEWS IN SCHEMA ${schema} TO ROLE ${role}`,
      ...members.map((user) => `GRANT ROLE ${role} TO USER ${quotedName(user)}`),
    ];
  });
  const conditions = [
    ...trusted.map((role) => `IS_ROLE_IN_SESSION(${literal(role)})`),
    ...Object.entries(groups).map(([group, { projects }]) => {
      const has = `IS_ROLE_IN_SESSION(${literal(roleOf(group))})`;
      return projects === "*" ? has : `(${has} AND PROJECT IN (${projects.map(literal).join(", ")}))`;
    }),
  ];
  const body = conditions.join("\n  OR ");
  return [
    // The rows are closed before anyone is let in.
    `CREATE ROW ACCESS POLICY IF NOT EXISTS ${policy} AS (PROJECT VARCHAR) RETURNS BOOLEAN ->\n  ${body}`,
    `ALTER ROW ACCESS POLICY ${policy} SET BODY ->\n  ${body}`,
    // The first time only: later on the body is all that changes.
    ...tables.map((table) => `ALTER TABLE ${schema}.${quotedName(table)} ADD ROW ACCESS POLICY ${policy} ON (PROJECT)`),
    ...grants,
  ];
}

const roleOf = (group: string): string => `INTEGRAVIZ_GROUP_${group.toUpperCase()}`;
const literal = (text: string): string => quotedText(text.replaceAll("\\", "\\\\"));
