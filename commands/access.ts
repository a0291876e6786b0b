/** `npm run access`: what stacks/access.yaml means on a database, and on PostgreSQL making it so. */
import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import pg from "pg";
import { bigqueryStatements } from "../operations/access/bigquery.ts";
import { type AccessPolicy, readPolicy } from "../operations/access/policy.ts";
import { OWN_LOGINS, postgresPlan } from "../operations/access/postgres.ts";
import { snowflakeStatements } from "../operations/access/snowflake.ts";
import { ownerUrl } from "../operations/addresses/owner-url.ts";

const HELP = `npm run access -- [--on postgres|snowflake|bigquery] [options]

Compiles stacks/access.yaml: who may see which projects, kept by the database itself. Prints the SQL, and changes
nothing without --apply.

  --on NAME          the database (default postgres)
  --policy FILE      (default stacks/access.yaml)
  --help             this text

postgres
  --apply            makes it so, in one transaction; prints the password of each new login, once
  --data DIR         the data folder of npm start, which must be running (default .integraviz)
  --url URL          or the owner's login to another PostgreSQL

snowflake, where a role that may make roles and policies runs the SQL
  --database NAME --warehouse NAME [--schema INTEGRAVIZ]
  --trusted ROLE     a role that sees everything, such as the owner's, the writer's, the dashboards'; several times
  --table NAME       a table with the column PROJECT (default EVENTS); several times

bigquery
  --project ID --events DATASET --views DATASET
  --trusted PRINCIPAL   who sees everything, such as serviceAccount:writer@...; several times
  --table NAME          a table with the column project (default events); several times
`;

const text = { type: "string" } as const;
const OPTIONS = {
  on: { ...text, default: "postgres" },
  policy: { ...text, default: "stacks/access.yaml" },
  data: { ...text, default: ".integraviz" },
  schema: { ...text, default: "INTEGRAVIZ" },
  url: text,
  database: text,
  warehouse: text,
  project: text,
  events: text,
  views: text,
  trusted: { ...text, multiple: true },
  table: { ...text, multiple: true },
  apply: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;
type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

try {
  await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return console.log(HELP);
  const policy = readPolicy(readFileSync(values.policy, "utf8"), values.policy);
  if (values.on === "postgres") return onPostgres(policy, values);
  if (values.apply) throw new Error(`--apply is for postgres. Run what this prints on ${values.on} yourself.`);
  console.log(script(elsewhere(policy, values)));
}

function elsewhere(policy: AccessPolicy, values: Values): string[] {
  const need = (name: "database" | "warehouse" | "project" | "events" | "views" | "trusted") => {
    const value = values[name];
    if (value === undefined) throw new Error(`--${name} is missing. See npm run access -- --help.`);
    return value;
  };
  const trusted = () => need("trusted") as string[];
  const one = (name: Parameters<typeof need>[0]) => need(name) as string;
  if (values.on === "snowflake") {
    const { schema, table: tables = ["EVENTS"] } = values;
    const names = { database: one("database"), warehouse: one("warehouse"), schema, tables, trusted: trusted() };
    return snowflakeStatements(policy, names);
  }
  if (values.on === "bigquery") {
    const { table: tables = ["events"] } = values;
    const names = { project: one("project"), events: one("events"), views: one("views"), tables, trusted: trusted() };
    return bigqueryStatements(policy, names);
  }
  throw new Error(`--on ${values.on}: use postgres, snowflake or bigquery.`);
}

async function onPostgres(policy: AccessPolicy, values: Values): Promise<void> {
  const isThere = values.url !== undefined || existsSync(join(values.data, "endpoint.json"));
  if (!isThere && !values.apply) {
    console.log(script(postgresPlan(policy, []).statements));
    return console.log(`-- For a database without logins of the policy: there is no installation in ${values.data}.`);
  }
  const url = ownerUrl(values);
  const client = new pg.Client({ connectionString: url, application_name: "integraviz access" });
  await client.connect();
  try {
    const { rows: own } = await client.query<{ name: string }>(OWN_LOGINS);
    const { statements, made } = postgresPlan(
      policy,
      own.map(({ name }) => name),
    );
    const { rows: taken } = await client.query("SELECT rolname AS name FROM pg_roles WHERE rolname = ANY ($1)", [made]);
    if (taken.length > 0)
      throw new Error(
        `The login ${taken[0].name} is there, but not of this database. Give the member another name in ${values.policy}, or drop the login.`,
      );
    console.log(script(statements));
    if (!values.apply) return console.log("-- Nothing was changed. --apply makes it so.");
    const passwords = new Map(made.map((name) => [name, randomBytes(18).toString("base64url")]));
    await client.query("BEGIN");
    for (const statement of statements) await client.query(statement);
    for (const [name, password] of passwords)
      await client.query(`ALTER ROLE ${client.escapeIdentifier(name)} PASSWORD ${client.escapeLiteral(password)}`);
    await client.query("COMMIT");
    console.log("-- Done. Passwords of the new logins, which are shown only now:");
    for (const [name, password] of passwords) console.log(`${loginUrl(url, name, password)}`);
  } finally {
    await client.end();
  }
}

function loginUrl(owner: string, name: string, password: string): string {
  const url = new URL(owner);
  url.username = name;
  url.password = password;
  return String(url);
}

function script(statements: readonly string[]): string {
  return statements.map((statement) => `${statement};\n`).join("");
}
