import { userInfo } from "node:os";
import { Command, Option } from "@commander-js/extra-typings";
import { DEFAULT_LIFE_DAYS, LONGEST_LIFE_DAYS, SCOPES } from "../contract/tokens.ts";
import { readProject } from "../functions/event/values.ts";
import { dataOption, examples, jsonOption, printJson } from "./terminal/options.ts";
import { someText, tokenId, wholeNumber } from "./terminal/values.ts";

export const token = new Command("token")
  .summary("make a token, or take one back")
  .description("Makes a token for the stack on this machine and prints it, or takes one back.")
  .optionsGroup("Make one:")
  .addOption(
    new Option("--actor <name>", "who holds it; kept with what is done with it").argParser(someText).conflicts("deny"),
  )
  .addOption(new Option("--scope <scope...>", "what it is good for").choices(SCOPES).conflicts("deny"))
  .addOption(
    new Option("--project <name...>", "a project it is good for (default: all)")
      .argParser((text, names: string[] | undefined) => [...(names ?? []), readProject(text, "--project") as string])
      .conflicts("deny"),
  )
  .addOption(
    new Option("--days <n>", "how long it is good")
      .argParser(wholeNumber(1, LONGEST_LIFE_DAYS))
      .default(DEFAULT_LIFE_DAYS, "for ever")
      .conflicts("deny"),
  )
  .optionsGroup("Take one back:")
  .addOption(
    new Option("--deny <id>", "the id that was printed with it; needs a running integraviz start").argParser(tokenId),
  )
  .optionsGroup("Options:")
  .addOption(dataOption())
  .addOption(jsonOption())
  .addHelpText(
    "after",
    examples(
      ["integraviz token --actor ci --scope ingest --project demo", "for a trainer that sends to one project"],
      ["integraviz token --actor ann --scope read control --days 30", "for a person who watches and stops runs"],
      ["integraviz token --deny 2c5e...", "takes one back"],
    ),
  )
  .action(async ({ actor, scope: scopes, project, days, deny, data, json }) => {
    const { denyToken, issueToken } = await import("../embedded/tokens.ts");
    if (deny !== undefined) {
      await denyToken(data, deny, userInfo().username);
      if (json) printJson({ denied: deny });
      else console.error(`Token ${deny} is refused from now on, at the latest in ten seconds.`);
      return;
    }
    const { Mistake } = await import("../operations/mistake.ts");
    if (actor === undefined) throw new Mistake("--actor is missing: name who will hold the token.");
    if (scopes === undefined) throw new Mistake(`--scope is missing: use ${SCOPES.join(", ")}.`);
    const grant = { actor, projects: project ?? ("*" as const), scopes };
    const issued = await issueToken(data, grant, days);
    if (json) return printJson({ ...issued, ...grant });
    console.error(`id ${issued.id}, ${scopes.join(" ")}, ${project?.join(" ") ?? "all projects"}`);
    console.log(issued.token);
  });
