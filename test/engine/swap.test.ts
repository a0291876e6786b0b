import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Engine, engineIsThere, expectOk } from "./engine.ts";

describe.skipIf(!engineIsThere())("npm run swap, on the real engine", () => {
  let engine: Engine;

  beforeAll(async () => {
    engine = await Engine.start();
    await engine.init("aws");
    await engine.set("aws", "gcp:project", "my-project");
    await engine.set("aws", "gcp:region", "europe-west3");
    expectOk(await engine.up("aws"));
  }, 120_000);
  afterAll(() => engine?.stop());

  test("shows the blast radius and changes nothing", { timeout: 60_000 }, async () => {
    const before = engine.read("aws");
    const { code, text } = await engine.node(
      "stacks/swap.ts",
      "--stack",
      "aws",
      "visualizer.kind=superset",
      "visualizer.superset.host=aws",
    );
    expect(code).toBe(0);
    expect(text).toContain("- aws:ecs:Service visualizer-metabase-service");
    expect(text).toContain("+ aws:ecs:Service visualizer-superset-service");
    expect(text).not.toContain("AT RISK");
    expect(engine.read("aws")).toBe(before);
  });

  test("refuses what would lose events, and names the way round it", { timeout: 60_000 }, async () => {
    const before = engine.read("aws");
    const { code, text } = await engine.node("stacks/swap.ts", "--stack", "aws", "storage.kind=bigquery", "--apply");
    expect(code).toBe(1);
    expect(text).toContain("! aws:rds:Instance storage-postgres-database");
    expect(text).toContain("--archive --apply");
    expect(engine.read("aws")).toBe(before);
  });

  test("tells an impossible swap as the configuration error it is", { timeout: 60_000 }, async () => {
    const { code, text } = await engine.node("stacks/swap.ts", "--stack", "aws", "rpc.kind=docker");
    expect(code).toBe(1);
    expect(text).toContain("docker listens in the Docker network of one machine");
  });

  test("with an archive the old store stays up beside the new one, under the same URNs", {
    timeout: 120_000,
  }, async () => {
    const { code, text } = await engine.node(
      "stacks/swap.ts",
      "--stack",
      "aws",
      "storage.kind=bigquery",
      "--archive",
      "--apply",
    );
    expect(text).not.toContain("AT RISK");
    expect(code).toBe(0);
    const database = (await engine.urns("aws")).find((urn) => urn.endsWith("::storage-postgres-database"));
    expectOk(await engine.up("aws"));
    expectOk(await engine.previewUnchanged("aws"));
    const urns = await engine.urns("aws");
    expect(urns).toContain(database);
    expect(urns.some((urn) => urn.endsWith("::storage-bigquery-dataset"))).toBe(true);
  });
});
