import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import type { AccessPolicy } from "../operations/access/policy.ts";
import { Mistake } from "../operations/mistake.ts";
import { dataOption, examples, jsonOption, printJson } from "./terminal/options.ts";
import { someText, someTexts } from "./terminal/values.ts";

const DATABASES = ["postgres", "snowflake", "bigquery"] as const;
const named = <Flags extends string>(flags: Flags, what?: string) => new Option(flags, what).argParser(someText);

export const access = new Command("access")
  .summary("say who may see which projects, in the database itself")
  .description(
    "Compiles stacks/access.yaml: who may see which projects, kept by the database itself. Prints the SQL, and changes nothing without --apply.",
  )
  .addOption(new Option("--on <database>", "the database").choices(DATABASES).default("postgres" as const))
  .addOption(named("--policy <file>", "the policy").default("stacks/access.yaml"))
  .addOption(jsonOption("print the statements, and the logins made, as JSON"))
  .optionsGroup("PostgreSQL:")
  .option("--apply", "make it so, in one transaction; prints the password of each new login, once")
  .addOption(dataOption("data folder of a running integraviz start"))
  .addOption(named("--url <url>", "or the owner's login to another PostgreSQL"))
  .optionsGroup("Snowflake, where a role that may make roles and policies runs the SQL:")
  .addOption(named("--database <name>"))
  .addOption(named("--warehouse <name>"))
  .addOption(named("--schema <name>").default("INTEGRAVIZ"))
  .optionsGroup("BigQuery:")
  .addOption(named("--project <id>"))
  .addOption(named("--events <dataset>", "the dataset of the events"))
  .addOption(named("--views <dataset>", "the dataset of the views"))
  .optionsGroup("Snowflake and BigQuery:")
  .option("--trusted <principal...>", "a role or principal that sees everything: owner, writer, dashboards", someTexts)
  .option("--table <name...>", "a table with the column project (default: events)", someTexts)
  .addHelpText(
    "after",
    examples(
      ["integraviz access", "the SQL for the database of integraviz start"],
      ["integraviz access --apply", "makes it so"],
      ["integraviz access --on snowflake --database D --warehouse W --trusted OWNER WRITER", "the SQL for Snowflake"],
    ),
  )
  .action(async (options) => {
    const { on, apply, json } = options;
    const { readPolicy } = await import("../operations/access/policy.ts");
    if (!existsSync(options.policy)) throw new Mistake(`--policy ${options.policy}: there is no such file.`);
    const policy = readPolicy(readFileSync(options.policy, "utf8"), options.policy);
    if (on === "postgres") return onPostgres(policy, options);
    if (apply) throw new Mistake(`--apply is for postgres. Run what this prints on ${on} yourself.`);
    const statements = await statementsFor(policy, { ...options, on });
    if (json) printJson({ statements });
    else console.log(script(statements));
  });

interface WarehouseOptions {
  on: "snowflake" | "bigquery";
  database?: string | undefined;
  warehouse?: string | undefined;
  schema: string;
  project?: string | undefined;
  events?: string | undefined;
  views?: string | undefined;
  trusted?: string[] | undefined;
  table?: string[] | undefined;
}

async function statementsFor(policy: AccessPolicy, options: WarehouseOptions): Promise<string[]> {
  const need = <Name extends keyof WarehouseOptions>(name: Name) => {
    const value = options[name];
    if (value === undefined) throw new Mistake(`--${name} is missing: ${options.on} needs it.`);
    return value;
  };
  if (options.on === "snowflake") {
    const { snowflakeStatements } = await import("../operations/access/snowflake.ts");
    const { schema, table: tables = ["EVENTS"] } = options;
    const names = { database: need("database"), warehouse: need("warehouse"), schema, tables };
    return snowflakeStatements(policy, { ...names, trusted: need("trusted") });
  }
  const { bigqueryStatements } = await import("../operations/access/bigquery.ts");
  const { table: tables = ["events"] } = options;
  const names = { project: need("project"), events: need("events"), views: need("views"), tables };
  return bigqueryStatements(policy, { ...names, trusted: need("trusted") });
}

interface PostgresOptions {
  apply?: boolean | undefined;
  data: string;
  url?: string | undefined;
  json?: boolean | undefined;
}

async function onPostgres(policy: AccessPolicy, { apply = false, data, url, json }: PostgresOptions): Promise<void> {
  if (url === undefined && !apply && !existsSync(join(data, "endpoint.json"))) {
    const { postgresPlan } = await import("../operations/access/postgres.ts");
    const { statements } = postgresPlan(policy, []);
    if (json) return printJson({ statements, applied: false, logins: [] });
    console.log(script(statements));
    return console.log(`-- For a database without logins of the policy: there is no installation in ${data}.`);
  }
  const { ownerUrl } = await import("../operations/addresses/owner-url.ts");
  const { openPolicyTarget } = await import("../operations/access/apply.ts");
  const target = await openPolicyTarget(ownerUrl({ url, data }), policy);
  try {
    const { statements } = target.plan;
    if (!json) console.log(script(statements));
    const logins = apply ? await target.apply() : [];
    if (json) return printJson({ statements, applied: apply, logins });
    if (!apply) return console.log("-- Nothing was changed. --apply makes it so.");
    console.log("-- Done. Passwords of the new logins, which are shown only now:");
    for (const { url } of logins) console.log(url);
  } finally {
    await target.close();
  }
}

function script(statements: readonly string[]): string {
  return statements.map((statement) => `${statement};\n`).join("");
}
