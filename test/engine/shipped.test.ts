import { afterAll, beforeAll, expect, test } from "vitest";
import { endpointIn } from "../../operations/addresses/stack-endpoint.ts";
import { PLAIN_SECRETS } from "../components/cloud-values.ts";
import { describeWithCli } from "./describe-with-cli.ts";
import { Engine, expectOk, readShipped } from "./engine.ts";
import { shipped } from "./shipped.ts";

const FACADES = [
  "Api::integraviz-api",
  "Rpc::integraviz-rpc",
  "Storage::integraviz-storage",
  "Visualizer::integraviz-visualizer",
];

describeWithCli("the stacks that ship, on the real engine", () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await Engine.start();
  });
  afterAll(() => engine?.stop());

  test.each(Object.entries(shipped))("%s", { timeout: 480_000 }, async (stack, { first, swap }) => {
    await engine.init(stack);
    for (const [key, value, ...flags] of first) await engine.set(stack, key, value, ...(flags as string[]));
    expectOk(await engine.preview(stack));
    expectOk(await engine.up(stack));
    expectOk(await engine.previewUnchanged(stack));
    expect(await secretsInState(engine, stack)).toEqual([]);
    const before = await engine.urns(stack);

    for (const [key, value] of swap) await engine.set(stack, key, value);
    expectOk(await engine.up(stack));
    expectOk(await engine.previewUnchanged(stack));
    const after = await engine.urns(stack);
    expect(after).not.toEqual(before);
    for (const facade of FACADES)
      expect(after.filter((urn) => urn.endsWith(facade))).toEqual(before.filter((urn) => urn.endsWith(facade)));

    const outputs = JSON.parse((await engine.pulumi("stack", "output", "-s", stack, "--json")).text) as Record<
      string,
      unknown
    >;
    expect(Object.keys(outputs).sort()).toEqual([
      "components",
      "dashboardUrl",
      "dashboards",
      "sql",
      "stores",
      "token",
      "url",
    ]);
    for (const name of ["token", "stores", "dashboards"]) expect(outputs[name], name).toBe("[secret]");
    const shown = await engine.pulumi("stack", "output", "-s", stack, "--json", "--show-secrets");
    const endpoint = endpointIn(shown.text, stack);
    expect(endpoint.url, "where the trainer sends to").toBe(outputs.url);
    expect(endpoint.token.split("."), "a JWT").toHaveLength(3);

    const protectedStack = await engine.pulumi("destroy", "-s", stack, "--yes", "--skip-preview");
    expect(protectedStack.code, "a store was destroyed without being unprotected").not.toBe(0);
    expect(protectedStack.text).toContain("protected");
    expectOk(await engine.unprotectAndDestroy(stack));
    expect(await engine.urns(stack)).toEqual([]);
  });
});

describeWithCli("a deployment that fails half-way", () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await Engine.start();
  });
  afterAll(() => engine?.stop());

  test.each(["rpc-lambda-function", "storage-postgres-once-migrate", "visualizer-metabase-service"])(
    "at %s: the next one converges",
    { timeout: 300_000 },
    async (name) => {
      const stack = `half-${name.split("-")[0]}`;
      await engine.init(stack, readShipped("aws"));
      engine.failOn(name);
      const failed = await engine.up(stack);
      expect(failed.code).not.toBe(0);
      expect(failed.text).toContain("as the test asked");
      engine.failOn(undefined);
      expectOk(await engine.up(stack));
      expectOk(await engine.previewUnchanged(stack));
      expectOk(await engine.unprotectAndDestroy(stack));
    },
  );

  test("at a task on Docker that ends with 1: what needs it is not made, and the line that is named runs it again", {
    timeout: 300_000,
  }, async () => {
    const stack = "half-local";
    await engine.init(stack, readShipped("local"));
    engine.failOn("exit storage-postgres-once-migrate");
    const failed = await engine.up(stack);
    expect(failed.code).not.toBe(0);
    expect(failed.text).toContain("storage-postgres-once-migrate failed with exit code 1");
    expect((await engine.urns(stack)).filter((urn) => /::(rpc|api)-docker-/.test(urn))).toEqual([
      expect.stringContaining("::rpc-docker-gateway-key-1"),
    ]);
    engine.failOn(undefined);
    const [, urn = ""] = /pulumi up --replace '(\S+)'/.exec(failed.text) ?? [];
    expectOk(await engine.pulumi("up", "-s", stack, "--yes", "--skip-preview", "--replace", urn));
    expectOk(await engine.previewUnchanged(stack));
    expectOk(await engine.unprotectAndDestroy(stack));
  });

  test("a wrong configuration ends with exit code 1 and one readable error, and nothing is made", {
    timeout: 60_000,
  }, async () => {
    await engine.init("wrong", "config:\n  aws:region: eu-central-1\n  integraviz:api: { kind: api-gatway }\n");
    const began = Date.now();
    const { code, text } = await engine.up("wrong");
    expect(code).toBe(1);
    expect(Date.now() - began, "an error is told at once").toBeLessThan(20_000);
    expect(text).toContain("integraviz:api.kind: is not one of the allowed values");
    expect(text).not.toMatch(/\bat .*\.ts:\d+/);
    expect((await engine.urns("wrong")).filter((urn) => !urn.includes("pulumi:pulumi:Stack"))).toEqual([]);
  });
});

async function secretsInState(engine: Engine, stack: string): Promise<string[]> {
  const { text } = await engine.state(stack);
  const plain = [
    ...Object.values(PLAIN_SECRETS),
    "PRESET-TOKEN-SECRET",
    Buffer.from(PLAIN_SECRETS.gcpKey).toString("base64"),
  ];
  return plain.filter((secret) => text.includes(secret));
}
