/** The previews that the documentation shows, as the real engine prints them. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithCli } from "./describe-with-cli.ts";
import { Engine, expectOk } from "./engine.ts";
import { shipped } from "./shipped.ts";

const swaps = [
  ["api", "api-gateway"],
  ["rpc", "cloud-functions"],
  ["storage", "postgres"],
  ["visualizer", "superset"],
] as const;

describeWithCli("the swap of each component of the stack mixed is one line", () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await Engine.start({ inline: true });
    await engine.init("mixed");
    for (const [key, value, ...flags] of shipped.mixed?.first ?? [])
      await engine.set("mixed", key, value, ...(flags as string[]));
    expectOk(await engine.up("mixed"));
  }, 240_000);
  afterAll(() => engine?.stop());

  test.each(swaps)("%s becomes %s", { timeout: 120_000 }, async (component, kind) => {
    const before = engine.read("mixed");
    await engine.set("mixed", `integraviz:${component}.kind`, kind);
    const { code, text } = await engine.preview("mixed");
    engine.write("stacks/Pulumi.mixed.yaml", before);
    const protects = text.includes("because it is protected");
    expect(code !== 0, text).toBe(protects);
    const shown = [`$ pulumi config set --path integraviz:${component}.kind ${kind} && pulumi preview`, ...tidy(text)];
    await expect(`${shown.join("\n")}\n`).toMatchFileSnapshot(`../../docs/previews/${component}.txt`);
  });
});

/** Each resource on one line, in an order that does not depend on who was ready first, and what it comes to. */
function tidy(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trim());
  const rows = lines
    // A replacement is also told as its two halves.
    .filter((line) => /^([+~-]|\+-) /.test(line) && !/ errors?$|error: /.test(line) && line.includes(":"))
    .filter((line) => !/^[+~-] \d+ to /.test(line))
    .map((line) => line.replace(/^(\S+) +/, (_, sign: string) => sign.padEnd(3)));
  const refused = lines.filter((line) => line.startsWith("error: ") && line.endsWith("cannot be deleted"));
  const sums = lines.slice(lines.indexOf("Resources:")).filter((line) => line !== "");
  return [...new Set(rows)].sort().concat("", [...new Set(refused)].sort(), sums);
}
