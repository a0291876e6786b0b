import { describe } from "vitest";
import { cliIsBuilt, NO_CLI } from "./cli/cli.ts";

/** `describe`, skipped and counted with the reason where the CLI could not be built. */
export function describeWithCli(title: string, tests: () => void): void {
  const isBuilt = cliIsBuilt();
  describe.skipIf(!isBuilt)(isBuilt ? title : `${title}: ${NO_CLI}`, tests);
}
