/** `up --skip-preview`, as the Automation API and CI actions run it, and a swap that would lose events. */
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PROVIDER_CONFIG } from "../components/deploy.ts";
import { describeWithCli } from "./describe-with-cli.ts";
import { Engine, expectOk } from "./engine.ts";

type Kind = "postgres" | "bigquery" | "snowflake";

/** Every pair of storages once. What is left behind keeps its name, so each way round has an account of its own. */
const circuits: Kind[][] = [
  ["postgres", "bigquery", "snowflake", "postgres"],
  ["postgres", "snowflake", "bigquery", "postgres"],
];

function config(storage: Kind, archive?: Kind): string {
  const chosen = (kind: Kind) =>
    kind === "postgres" ? "{ kind: postgres, postgres: { host: aws } }" : `{ kind: ${kind} }`;
  const lines = [
    ...Object.entries(PROVIDER_CONFIG).map(([key, value]) => `  ${key}: ${value}`),
    "  integraviz:api: { kind: api-gateway }",
    "  integraviz:rpc: { kind: lambda }",
    `  integraviz:storage: ${chosen(storage)}`,
    ...(archive ? [`  integraviz:archive: ${chosen(archive)}`] : []),
    "  integraviz:visualizer: { kind: metabase, metabase: { host: aws } }",
  ];
  return `config:\n${lines.join("\n")}\n`;
}

const LEFT_OUT = ["ciphertext", "created", "modified", "sourcePosition", "stackTrace"];

describeWithCli("a swap of the storage without a preview, on the real engine", () => {
  describe.each(circuits.map((circuit) => [circuit]))("%j", along);
});

function along(circuit: Kind[]): void {
  const stack = "guarded";
  let engine: Engine;
  let salt = "";
  const choose = (storage: Kind, archive?: Kind) =>
    writeFileSync(engine.configFile(stack), salt + config(storage, archive));

  /** All that stands in a cloud, but for secrets, which are encrypted anew each time, and lines of our own code. */
  async function standing(): Promise<string[]> {
    const { state } = await engine.state(stack);
    return (state.deployment.resources ?? [])
      .filter(({ custom }) => custom)
      .map((one) => JSON.stringify(one, (key, value) => (LEFT_OUT.includes(key) ? "" : value)))
      .sort();
  }

  beforeAll(async () => {
    engine = await Engine.start({ inline: true });
    await engine.init(stack, "config: {}\n");
    salt = engine.read(stack).match(/^encryptionsalt:.*\n/m)?.[0] ?? "";
    choose(circuit[0] as Kind);
    expectOk(await engine.up(stack));
  }, 240_000);
  afterAll(async () => {
    if (engine) expectOk(await engine.unprotectAndDestroy(stack));
    engine?.stop();
  });

  const swaps = circuit.slice(1).map((to, index) => [circuit[index] as Kind, to] as const);
  test.each(swaps)(
    "%s to %s stops before all else; with an archive it passes",
    { timeout: 240_000 },
    async (from, to) => {
      const before = await standing();
      choose(to);
      const { code, text } = await engine.up(stack);
      expect(code, text).not.toBe(0);
      expect(text).toMatch(/storage-guard.*protect/s);
      expect(await standing()).toEqual(before);

      choose(to, from);
      expectOk(await engine.up(stack));
      expectOk(await engine.previewUnchanged(stack));

      choose(to);
      expect((await engine.up(stack)).code, "the archive is not left by itself either").not.toBe(0);
      expectOk(await engine.pulumi("state", "unprotect", "-s", stack, "--all", "--yes"));
      expectOk(await engine.up(stack));
    },
  );
}
