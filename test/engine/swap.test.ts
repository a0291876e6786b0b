import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithCli } from "./describe-with-cli.ts";
import { Engine, expectOk } from "./engine.ts";

describeWithCli("integraviz swap, on the real engine", () => {
  let engine: Engine;
  const swap = (...args: string[]) => engine.node("commands/integraviz.ts", "swap", "--stack", "aws", ...args);

  beforeAll(async () => {
    engine = await Engine.start();
    await engine.init("aws");
    await engine.set("aws", "gcp:project", "my-project");
    await engine.set("aws", "gcp:region", "europe-west3");
    expectOk(await engine.up("aws"));
  }, 240_000);
  afterAll(() => engine?.stop());

  test("shows the blast radius and changes nothing", { timeout: 120_000 }, async () => {
    const before = engine.read("aws");
    const { code, text } = await swap("visualizer.kind=superset", "visualizer.superset.host=aws", "--verbose");
    expect(code).toBe(0);
    expect(text).toContain("= aws:rds:Instance storage-postgres-database");
    expect(text).toContain("- aws:ecs:Service visualizer-metabase-service");
    expect(text).toContain("+ aws:ecs:Service visualizer-superset-service");
    expect(text).not.toContain("AT RISK");
    expect(engine.read("aws")).toBe(before);
  });

  test("refuses what would lose events, and names the way round it", { timeout: 120_000 }, async () => {
    const before = engine.read("aws");
    const { code, text } = await swap("storage.kind=bigquery", "--apply");
    expect(code).toBe(1);
    expect(text).toContain("! aws:rds:Instance storage-postgres-database");
    expect(text).toContain("--archive --apply");
    expect(engine.read("aws")).toBe(before);
    const moved = await swap("storage.postgres.database=other");
    expect(moved.text).toContain("an archive keeps one of another kind only");
    expect(moved.text).not.toContain("--archive --apply");
  });

  test("tells an impossible swap as the configuration error it is", { timeout: 120_000 }, async () => {
    const { code, text } = await swap("rpc.kind=docker");
    expect(code).toBe(1);
    expect(text).toContain("docker listens in the Docker network of one machine");
  });

  test("with an archive the old store stays up beside the new one, under the same URNs", {
    timeout: 240_000,
  }, async () => {
    const { code, text } = await swap("storage.kind=bigquery", "--archive", "--apply");
    expect(text).not.toContain("AT RISK");
    expect(code).toBe(0);
    const database = (await engine.urns("aws")).find((urn) => urn.endsWith("::storage-postgres-database"));
    expectOk(await engine.up("aws"));
    expectOk(await engine.previewUnchanged("aws"));
    const urns = await engine.urns("aws");
    expect(urns).toContain(database);
    expect(urns.some((urn) => urn.endsWith("::storage-bigquery-dataset"))).toBe(true);
  });

  test("what leaves in the end is kept, and another database is made beside it on the way back", {
    timeout: 240_000,
  }, async () => {
    expectOk(await engine.pulumi("config", "rm", "-s", "aws", "integraviz:archive"));
    expectOk(await engine.pulumi("state", "unprotect", "-s", "aws", "--all", "--yes"));
    expectOk(await engine.up("aws"));
    const database = (urn: string) => urn.endsWith("::storage-postgres-database");
    expect((await engine.urns("aws")).filter(database)).toEqual([]);
    await engine.set("aws", "integraviz:archive.kind", "bigquery");
    await engine.set("aws", "integraviz:storage.kind", "postgres");
    expectOk(await engine.up("aws"));
    expect((await engine.urns("aws")).filter(database)).toHaveLength(1);
  });
});
