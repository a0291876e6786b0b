/** What a change of a setting does, on the real engine: as its schema and docs/settings.md say. */
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listSettings } from "../../components/checking/reference.ts";
import { describeWithCli } from "./describe-with-cli.ts";
import { Engine, expectOk, type Step } from "./engine.ts";
import { cases, changed, type StackConfig, stacks } from "./setting-cases.ts";

/** What has no change, only a next one: a version of a secret, of code or of what is run, and a run itself. */
const VERSIONS = new Set([
  "aws:ecs/taskDefinition:TaskDefinition",
  "aws:lambda/invocation:Invocation",
  "aws:rds/parameterGroup:ParameterGroup",
  "aws:secretsmanager/secretVersion:SecretVersion",
  "gcp:secretmanager/secretVersion:SecretVersion",
  "gcp:storage/bucketObject:BucketObject",
]);

/** An archive's settings are those of a storage. */
const described = listSettings()
  .map(({ key, change }) => ({ setting: key.slice("integraviz:".length), change }))
  .filter(({ setting }) => !/^archive\.(?!kind$)/.test(setting));
const settingsThat = (what: "replaces" | "restarts") =>
  described.filter(({ change }) => change === what).map(({ setting }) => setting);

test("each setting that replaces or restarts something has a case here, and no other has", () => {
  expect(Object.keys(cases).sort()).toEqual([...settingsThat("replaces"), ...settingsThat("restarts")].sort());
});

describeWithCli("a change of a setting, on the real engine", () => {
  let engine: Engine;
  let salt: string;
  const choose = (stack: string, config: StackConfig) =>
    writeFileSync(engine.configFile(stack), `${salt}config: ${JSON.stringify(config)}\n`);

  beforeAll(async () => {
    engine = await Engine.start({ inline: true });
  });
  afterAll(() => engine?.stop());

  const names = Object.keys(stacks) as (keyof typeof stacks)[];
  describe.each(names)("of %s", (name) => {
    const stack = name.toLowerCase().replaceAll(" ", "-");
    const here = (what: "replaces" | "restarts") => settingsThat(what).filter((key) => cases[key]?.stack === name);

    beforeAll(async () => {
      await engine.init(stack, "config: {}\n");
      salt = engine.read(stack).match(/^encryptionsalt:.*\n/m)?.[0] ?? "";
      choose(stack, stacks[name]);
      expectOk(await engine.up(stack));
      expectOk(await engine.pulumi("state", "unprotect", "-s", stack, "--all", "--yes"));
    }, 120_000);

    test.each(here("replaces"))("%s replaces", { timeout: 60_000 }, async (setting) => {
      choose(stack, changed(setting, cases[setting]!));
      expect(madeAnew(await engine.steps(stack))).not.toEqual([]);
    });

    test.each(here("restarts"))("%s restarts, and replaces nothing", { timeout: 60_000 }, async (setting) => {
      choose(stack, changed(setting, cases[setting]!));
      const steps = await engine.steps(stack);
      expect(steps.filter(({ op }) => op !== "same")).not.toEqual([]);
      expect(madeAnew(steps)).toEqual([]);
    });
  });
});

/** What is replaced, or goes with the implementation that it was of. */
const madeAnew = (steps: Step[]) =>
  steps
    .filter(({ op }) => op === "replace" || op === "delete")
    .map(({ urn }) => urn)
    .filter((urn) => !VERSIONS.has(urn.split("::")[2]?.split("$").at(-1) as string));
