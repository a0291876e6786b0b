import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Command, Option } from "@commander-js/extra-typings";
import { type StoreKind, storeKinds } from "../contract/login.ts";
import type { AccessGroups } from "../functions/stores/about.ts";
import { aboutStores } from "../functions/stores/about-stores.ts";
import { postgresPlan } from "../functions/stores/postgres/access.ts";
import type { AccessPolicy } from "../operations/access/policy.ts";
import { Mistake } from "../operations/mistake.ts";
import { dataOption, examples, jsonOption, printJson } from "./terminal/options.ts";
import { someText, someTexts } from "./terminal/values.ts";

/** PostgreSQL first, which is what `integraviz start` runs. */
const KINDS = [...storeKinds].sort((a, b) => Number(b === "postgres") - Number(a === "postgres"));
const named = <Flags extends string>(flags: Flags, what?: string) => new Option(flags, what).argParser(someText);
const compiled = KINDS.map((kind) => aboutStores[kind]).filter(({ access }) => Object.keys(access?.names ?? {}).length);

export const access = new Command("access")
  .summary("say who may see which projects, in the database itself")
  .description(
    "Compiles stacks/access.yaml: who may see which projects, kept by the database itself. Prints the SQL, and changes nothing without --apply.",
  )
  .addOption(new Option("--on <database>", "the database").choices(KINDS).default("postgres" as const))
  .addOption(named("--policy <file>", "the policy").default("stacks/access.yaml"))
  .addOption(jsonOption("print the statements, and the logins made, as JSON"))
  .optionsGroup("PostgreSQL:")
  .option("--apply", "make it so, in one transaction; prints the password of each new login, once")
  .addOption(dataOption("data folder of a running integraviz start"))
  .addOption(named("--url <url>", "or the owner's login to another PostgreSQL"))
  .optionsGroup(`${compiled.map(({ title }) => title).join(" and ")}:`)
  .option("--trusted <principal...>", "a role or principal that sees everything: owner, writer, dashboards", someTexts)
  .option("--table <name...>", "a table with the column project (default: the events)", someTexts)
  .addHelpText(
    "after",
    examples(
      ["integraviz access", "the SQL for the database of integraviz start"],
      ["integraviz access --apply", "makes it so"],
      [
        "integraviz access --on bigquery --project P --events E --views V --trusted user:me@example.com",
        "the SQL for BigQuery",
      ],
    ),
  )
  .action(async (options) => {
    const { on, apply, json } = options;
    const { groupsOn, readPolicy } = await import("../operations/access/policy.ts");
    if (!existsSync(options.policy)) throw new Mistake(`--policy ${options.policy}: there is no such file.`);
    const policy = readPolicy(readFileSync(options.policy, "utf8"), options.policy);
    if (on === "postgres") return onPostgres(policy, options);
    if (apply) throw new Mistake(`--apply is for postgres. Run what this prints on ${on} yourself.`);
    const statements = statementsOn(on, groupsOn(policy, on), options);
    if (json) printJson({ statements });
    else console.log(script(statements));
  });

for (const { title, access: compiler } of compiled) {
  const runBy = compiler?.runBy === undefined ? "" : `, where ${compiler.runBy}`;
  access.optionsGroup(`${title}${runBy}:`);
  for (const [name, { value, help, default: other }] of Object.entries(compiler?.names ?? {})) {
    const option = named(`--${name} <${value}>`, help);
    if (!access.options.some(({ long }) => long === option.long))
      access.addOption(other === undefined ? option : option.default(other));
  }
}

interface CompilerOptions {
  trusted?: string[] | undefined;
  table?: string[] | undefined;
}

/** Compiles the groups for a database, and refuses with what is missing. */
function statementsOn(kind: StoreKind, groups: AccessGroups, options: CompilerOptions): string[] {
  const { access: compiler, title } = aboutStores[kind];
  if (compiler === null)
    throw new Mistake(`--on ${kind}: ${title} itself keeps no project apart from another. Give tokens for projects.`);
  const need = (name: string) => {
    const value = (options as Record<string, unknown>)[name];
    if (value === undefined) throw new Mistake(`--${name} is missing: ${kind} needs it.`);
    return value;
  };
  const names = Object.keys(compiler.names).map((name) => [name, need(name) as string]);
  const { table: tables = compiler.tables } = options;
  return compiler.statements(groups, {
    names: Object.fromEntries(names),
    trusted: need("trusted") as string[],
    tables,
  });
}

interface PostgresOptions {
  apply?: boolean | undefined;
  data: string;
  url?: string | undefined;
  json?: boolean | undefined;
}

async function onPostgres(policy: AccessPolicy, { apply = false, data, url, json }: PostgresOptions): Promise<void> {
  if (url === undefined && !apply && !existsSync(join(data, "endpoint.json"))) {
    const { groupsOn } = await import("../operations/access/policy.ts");
    const { statements } = postgresPlan(groupsOn(policy, "postgres"), []);
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
