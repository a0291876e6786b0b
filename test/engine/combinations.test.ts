import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { CLOUD_COMBINATIONS, type CloudCombination } from "../../operations/cost/table.ts";
import { PROVIDER_CONFIG } from "../components/deploy.ts";
import { describeWithCli } from "./describe-with-cli.ts";
import { Engine, expectOk } from "./engine.ts";

function config({ api, rpc, storage, visualizer }: CloudCombination, salt: string): string {
  const host = rpc === "lambda" ? "aws" : "gcp";
  const lines = [
    ...Object.entries(PROVIDER_CONFIG).map(([key, value]) => `  ${key}: ${value}`),
    `  integraviz:api: { kind: ${api} }`,
    `  integraviz:rpc: { kind: ${rpc} }`,
    `  integraviz:storage: { kind: ${storage}${storage === "postgres" ? `, postgres: { host: ${host} }` : ""} }`,
    `  integraviz:visualizer: { kind: ${visualizer}, ${visualizer}: { host: ${host} } }`,
  ];
  return `${salt}config:\n${lines.join("\n")}\n`;
}

describeWithCli("the 24 combinations, swapped one into the next on the real engine", () => {
  const stack = "matrix";
  let engine: Engine;
  let salt = "";
  let facades: string[] | undefined;

  beforeAll(async () => {
    engine = await Engine.start({ inline: true });
    await engine.init(stack, "config: {}\n");
    salt = engine.read(stack).match(/^encryptionsalt:.*\n/m)?.[0] ?? "";
  });
  afterAll(async () => {
    if (engine) expectOk(await engine.unprotectAndDestroy(stack));
    engine?.stop();
  });

  test("there are 24", () => {
    expect(CLOUD_COMBINATIONS).toHaveLength(24);
  });

  test.each(CLOUD_COMBINATIONS)("$api > $rpc > $storage < $visualizer", { timeout: 180_000 }, async (combination) => {
    writeFileSync(engine.configFile(stack), config(combination, salt));
    await engine.pulumi("state", "unprotect", "-s", stack, "--all", "--yes");
    expectOk(await engine.up(stack));
    expectOk(await engine.previewUnchanged(stack));
    const urns = (await engine.urns(stack)).filter((urn) => /::integraviz-(api|rpc|storage|visualizer)$/.test(urn));
    facades ??= urns;
    expect(urns, "a swap keeps the components' URNs").toEqual(facades);
    expect(urns).toHaveLength(4);
  });
});
