import { Command, Option } from "@commander-js/extra-typings";
import { storeKinds } from "../contract/login.ts";
import type { DashboardSpec } from "../dashboards/spec.ts";
import type { Target } from "../dashboards/target.ts";
import { Mistake } from "../operations/mistake.ts";
import { dataOption, examples, jsonOption, printJson } from "./terminal/options.ts";
import { someText, someTexts } from "./terminal/values.ts";

const PASSWORD_VARIABLE = "INTEGRAVIZ_VISUALIZER_PASSWORD";
const named = <Flags extends string>(flags: Flags, what: string) => new Option(flags, what).argParser(someText);

export const dashboards = new Command("dashboards")
  .summary("show the dashboards in a Superset or Metabase that stands already")
  .description(
    `Makes a Superset (6.1 or newer), a workspace of Preset's or a Metabase (0.64 or newer) show the dashboards: writes what differs, removes what is ours and no longer wanted, and asks for the data of each panel. The password, or the secret of Preset's token, is read from ${PASSWORD_VARIABLE}; that of a stack is among its outputs.`,
  )
  .optionsGroup("Where to:")
  .addOption(named("--url <url>", "the address of the visualizer"))
  .addOption(
    new Option("--product <product>", "what it is")
      .choices(["superset", "metabase"] as const)
      .default("superset" as const),
  )
  .addOption(
    named(
      "--user <name>",
      "an administrator, or the name of Preset's token (default: admin, and admin@integraviz.invalid of Metabase)",
    ),
  )
  .option("--preset", "it is a workspace of Preset's")
  .addOption(
    named("--name <name>", "what the storage is called there; tells one deployment from another").default("integraviz"),
  )
  .addOption(named("--stack <stack>", "or that of a deployed stack"))
  .optionsGroup("What:")
  .addOption(dataOption("data folder of integraviz start, whose database is shown"))
  .addOption(named("--reader <url>", "or the reader's login to another PostgreSQL, as the visualizer reaches it"))
  .option("--spec <file...>", "dashboards of your own as JSON, instead of those that ship", someTexts)
  .optionsGroup("Or not at all:")
  .option("--check", "change nothing: list what differs, and end with 1 where something does")
  .addOption(named("--out <folder>", "write Superset's bundle, to be uploaded by hand"))
  .addOption(
    new Option("--on <database>", "with --out: what it reads").choices(storeKinds).default("postgres" as const),
  )
  .optionsGroup("Options:")
  .addOption(jsonOption())
  .addHelpText(
    "after",
    examples(
      ["integraviz dashboards --url http://localhost:8088", "shows the runs of integraviz start in a Superset"],
      ["integraviz dashboards --product metabase --url http://localhost:3000", "and in a Metabase"],
      ["integraviz dashboards --stack aws --check", "lists what somebody changed in that of a stack"],
      ["integraviz dashboards --out upload --on bigquery", "a ZIP to upload at Dashboards, Import"],
    ),
  )
  .action(async ({ url, stack, spec = [], check = false, out, on, json, ...options }) => {
    const { chosenDashboards } = await import("../operations/dashboards/specs.ts");
    const specs = chosenDashboards(spec);
    if (out !== undefined) {
      if (url !== undefined || stack !== undefined || check)
        throw new Mistake("--out only writes files: leave --url, --stack and --check out.");
      if (options.product !== "superset")
        throw new Mistake("--out writes what Superset imports. Metabase's free edition imports nothing: give --url.");
      const { writeBundle } = await import("../operations/dashboards/folder.ts");
      const { readerLogin } = await import("../operations/dashboards/reader.ts");
      const reader = options.reader === undefined ? undefined : readerLogin(options);
      if (reader !== undefined && on !== reader.driver)
        throw new Mistake(`--reader is no login to ${on}: leave it out.`);
      const zip = writeBundle(out, specs, { name: options.name, on, reader });
      return json ? printJson({ zip }) : console.log(`${zip}: import it, then give its database the reader's login.`);
    }
    const { targetAt, targetOfStack } = await import("../operations/dashboards/target.ts");
    if (url === undefined && stack === undefined)
      throw new Mistake("--url is missing: give the address of the visualizer, a --stack, or --out a folder.");
    if (url !== undefined && stack !== undefined)
      throw new Mistake("--stack and --url both say where to: leave one of them out.");
    const target =
      stack !== undefined
        ? await targetOfStack(stack)
        : targetAt({ ...options, url: url as string }, process.env[PASSWORD_VARIABLE] ?? "", PASSWORD_VARIABLE);
    await (check ? list(target, specs, json) : show(target, specs, json));
  });

/** A person waits: one that does not answer at once is down. */
const AT_ONCE = { seconds: 5, everyMs: 500 };

async function show(target: Target, specs: DashboardSpec[], json?: boolean): Promise<void> {
  const { apply } = await import("../dashboards/apply.ts");
  const { urls, changed, warnings } = await apply(target, { specs, starting: AT_ONCE });
  if (json) return printJson({ urls, changed, warnings });
  for (const one of changed) console.log(one);
  for (const one of warnings) console.warn(one);
  console.log(changed.length === 0 ? "All is as it should be." : `${changed.length} differences, and none any more.`);
  for (const url of Object.values(urls)) console.log(url);
}

async function list(target: Target, specs: DashboardSpec[], json?: boolean): Promise<void> {
  const { check } = await import("../dashboards/apply.ts");
  const drift = await check(target, { specs, starting: AT_ONCE });
  if (json) printJson({ drift });
  else for (const one of drift.length === 0 ? ["All is as it should be."] : drift) console.log(one);
  if (drift.length > 0) process.exitCode = 1;
}
