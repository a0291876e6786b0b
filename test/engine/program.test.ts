import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { compilePackage } from "../../functions/build/package.ts";
import { describeWithCli } from "./describe-with-cli.ts";
import { Engine, expectOk } from "./engine.ts";

const PROGRAM = `
import * as gcp from "@pulumi/gcp";
import { Integraviz } from "integraviz";

const topic = new gcp.pubsub.Topic("theirs", { name: "theirs" });

const events = new Integraviz("events", {
  api: { kind: "cloud-run" },
  rpc: { kind: "cloud-functions" },
  storage: { kind: "bigquery", bigquery: { location: "EU" } },
  visualizer: { kind: "superset", superset: { host: "external", external: { url: "https://bi.example.com", user: "admin", password: "EXTERNAL" } } },
  hosts: { gcp: { project: "my-project", region: "europe-west3" } },
  transform: { api: { "cloud-run": { service: { description: "ours" } } } },
}, { dependsOn: [topic] });

export const url = events.url;
export const token = events.token;
`;

describeWithCli("someone else's program", () => {
  let engine: Engine;
  let dir: string;

  beforeAll(async () => {
    engine = await Engine.start();
    // Theirs is the package, and that is compiled.
    compilePackage(join(engine.dir, "dist/package"));
    dir = join(engine.dir, "someone-else");
    mkdirSync(join(dir, "node_modules"), { recursive: true });
    symlinkSync(engine.dir, join(dir, "node_modules", "integraviz"));
    writeFileSync(join(dir, "package.json"), '{"name":"theirs","type":"module","private":true}');
    writeFileSync(
      join(dir, "Pulumi.yaml"),
      'name: theirs\nmain: index.ts\nruntime:\n  name: nodejs\n  options: { typescript: false, nodeargs: "--import tsx" }\n',
    );
    writeFileSync(join(dir, "index.ts"), PROGRAM);
  });
  afterAll(() => engine?.stop());

  test('uses it by `import { Integraviz } from "integraviz"`, under its own names', { timeout: 120_000 }, async () => {
    const pulumi = (...args: string[]) => engine.pulumi("-C", dir, ...args);
    expectOk(await pulumi("stack", "init", "dev"));
    expectOk(await pulumi("up", "-s", "dev", "--yes", "--skip-preview", "--suppress-outputs"));
    expectOk(await pulumi("preview", "-s", "dev", "--expect-no-changes", "--suppress-outputs"));
    const { text } = await pulumi("stack", "export", "-s", "dev");
    expect(text).toContain("urn:pulumi:dev::theirs::integraviz:index:Integraviz::events");
    expect(text).toContain('"name": "theirs-dev-api-cloud-run-service"');
    expect(text).toContain('"description": "ours"');
    const outputs = JSON.parse((await pulumi("stack", "output", "-s", "dev", "--json")).text) as Record<string, string>;
    expect(outputs.url).toMatch(/^https:/);
    expect(outputs.token).toBe("[secret]");
    await pulumi("state", "unprotect", "-s", "dev", "--all", "--yes");
    expectOk(await pulumi("destroy", "-s", "dev", "--yes", "--skip-preview"));
  });
});
