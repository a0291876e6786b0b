/** Options and help that several commands share. */
import { Option } from "@commander-js/extra-typings";
import { DATA_FOLDER } from "../../embedded/data-folder.ts";
import { someText } from "./values.ts";

/** Names the data folder for every command. */
export const DATA_VARIABLE = "INTEGRAVIZ_DATA";

export const dataOption = (what = "data folder of integraviz start") =>
  new Option("--data <dir>", what).env(DATA_VARIABLE).default(DATA_FOLDER).argParser(someText);

export const formatOption = () =>
  new Option("--format <format>", "whatever the ending is").choices(["parquet", "csv", "jsonl"] as const);

export const jsonOption = (what = "print the result as JSON") => new Option("--json", what);

/** Lists examples at the end of a command's help: what is typed, and what it does. */
export function examples(...lines: [typed: string, what: string][]): string {
  return `\nExamples:\n${lines.map(([typed, what]) => `  ${typed}\n      ${what}`).join("\n")}`;
}

/** Prints a result for a program. */
export function printJson(result: unknown): void {
  console.log(JSON.stringify(result, null, 2));
}
