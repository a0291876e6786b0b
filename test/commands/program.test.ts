import { tmpdir } from "node:os";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createProgram } from "../../commands/program.ts";
import { fail, run } from "../../commands/terminal/run.ts";
import { Refusal } from "../../functions/refusals/refusal.ts";
import { command } from "./command-line.ts";

const program = await createProgram();
const { commands } = program;
const names = commands.map((one) => one.name());
/** Arguments and options without which a command says that they are missing. */
const NEEDED: Record<string, string[]> = {
  export: ["x.csv"],
  import: ["x.csv"],
  copy: ["--from", "a", "--to", "b"],
  purge: ["--project", "p"],
  swap: ["--stack", "s", "storage.kind=bigquery"],
  backup: ["x.backup"],
  restore: ["x.backup"],
  cost: ["--stack", "s"],
};

const ended = async (name: string, ...args: string[]) => {
  const { code, text } = await command(name, args, tmpdir()).ended;
  return { code, text };
};

test("integraviz --help lists every command, and integraviz alone does so too", async () => {
  const { code, text } = await ended("--help");
  expect(code).toBe(0);
  for (const name of names) expect(text).toMatch(new RegExp(`^  ${name} `, "m"));
});

test("an unknown command is one line with the nearest one", async () => {
  expect(await ended("strat")).toEqual({ code: 1, text: "error: unknown command 'strat' (Did you mean start?)\n" });
});

test("the version is the package's", async () => {
  expect(await ended("--version")).toEqual({ code: 0, text: "0.1.0\n" });
});

describe.each(names)("integraviz %s", (name) => {
  test("--help prints usage, every option and examples, and ends with 0", async () => {
    const { code, text } = await ended(name, "--help");
    expect(code).toBe(0);
    expect(text).toContain(`Usage: integraviz ${name} `);
    expect(text).toContain("Examples:\n");
    for (const { long } of commands.find((one) => one.name() === name)?.options ?? [])
      expect(text).toContain(long as string);
  });

  test("--json prints what it reports for a program", () => {
    const options = commands.find((one) => one.name() === name)?.options ?? [];
    expect(options.map(({ long }) => long)).toContain("--json");
  });

  test("an unknown option is one line, and ends with 1", async () => {
    const { code, text } = await ended(name, ...(NEEDED[name] ?? []), "--no-such-option");
    expect(code).toBe(1);
    expect(text).toMatch(/^error: unknown option '--no-such-option'.*\n$/);
  });
});

describe("a wrong value", () => {
  let printed: string;
  beforeEach(() => {
    printed = "";
    const take = (text: unknown) => {
      printed += text;
      return true;
    };
    vi.spyOn(process.stderr, "write").mockImplementation(take);
    vi.spyOn(console, "error").mockImplementation((line) => void take(`${line}\n`));
  });
  afterEach(() => {
    vi.restoreAllMocks();
    process.exitCode = undefined;
  });
  const refused = async (...args: string[]) => {
    await run(program, args);
    expect(process.exitCode).toBe(1);
    return printed;
  };

  const options = commands.flatMap((one) =>
    one.options
      .filter(({ required, optional }) => required || optional)
      .map(({ long }) => [one.name(), long as string]),
  );
  test.each(options)("%s %s: nothing, is one line that names the option and the fix", async (name, long) => {
    const text = await refused(name as string, ...(NEEDED[name as string] ?? []), long as string, "");
    expect(text).toMatch(/^error: .*\n$/);
    expect(text).toContain(long);
    expect(text).toMatch(/is empty[.:] |Give an? |Allowed choices are |is not a name|is not a project's name/);
  });

  test.each([
    ["train --epochs 0", "--epochs <n>' argument '0' is invalid. Give a whole number from 1 to 100000."],
    ["train --epochs 2.5", "argument '2.5' is invalid. Give a whole number"],
    ["train --images 9", "Give a whole number from 10 to 70000."],
    ["train --learning-rate 0", "Give a number above 0, such as 0.001."],
    ["train --learning-rate NaN", "Give a number above 0"],
    ["train --seed=-1", "Give a whole number from 0"],
    ["train three", "too many arguments for 'train'. Expected 0 arguments but got 1."],
    ["train --url", "option '--url <url>' argument missing"],
    [
      "token --scope write",
      "'--scope <scope...>' argument 'write' is invalid. Allowed choices are ingest, read, control.",
    ],
    ["token --scope read", "--actor is missing: name who will hold the token."],
    ["token --actor a", "--scope is missing: use ingest, read, control."],
    ["token --deny nosuch", "argument 'nosuch' is invalid. Give a token's id as it was printed with it"],
    ["token --actor a --deny embedded-page", "option '--actor <name>' cannot be used with option '--deny <id>'"],
    ["token --actor a --scope read --data /nowhere", "no installation in /nowhere. Run integraviz start first"],
    ["access --on mysql", "Allowed choices are postgres, bigquery, snowflake."],
    ["access --policy /nowhere.yaml", "--policy /nowhere.yaml: there is no such file."],
    ["access --on bigquery --project p", "--events is missing: bigquery needs it."],
    ["access --on bigquery --apply", "--apply is for postgres."],
    ["export --from /nowhere x.jsonl", "--from /nowhere: no such folder. Run integraviz start first"],
    ["import /nowhere.jsonl", "There is no file /nowhere.jsonl."],
  ])("%s", async (line, says) => {
    expect(await refused(...line.split(" "))).toContain(says);
    expect(printed).toMatch(/^error: .*\n$/);
  });

  test("swap without the Pulumi CLI says what to install", async () => {
    vi.stubEnv("PATH", tmpdir());
    expect(await refused("swap", "--stack", "aws", "storage.kind=bigquery")).toBe(
      "error: there is no pulumi on the PATH. Install it (https://www.pulumi.com/docs/install).\n",
    );
    vi.unstubAllEnvs();
  });

  test("a command that ends by a refusal says its fix, and its code last", () => {
    fail(new Refusal("store-unavailable", "The database does not answer.", { fix: "Start it." }));
    expect(printed).toBe("error: The database does not answer. Start it. (store-unavailable)\n");
  });
});
