import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

/** A process each, which loads SDKs of 80 MB: on a busy machine that takes its time. */
const SLOW = { timeout: 120_000 };

/** The provider SDKs that a process has loaded after deploying a combination against the mocks. */
function loadedBy(label: string): string[] {
  const program = `
    import { createRequire } from "node:module";
    import { everyCombination } from "./components/checking/compatibility.ts";
    import { deploy } from "./test/components/deploy.ts";
    import { labelOf, settingsOf } from "./test/components/settings.ts";
    const one = [...everyCombination()].find((each) => labelOf(each) === ${JSON.stringify(label)});
    await deploy(settingsOf(one));
    const paths = Object.keys(createRequire(import.meta.url).cache);
    const loaded = paths.flatMap((path) => path.match(/@pulumi[/](aws|gcp|docker|snowflake|tls|random)[/]/)?.[1] ?? []);
    console.log(JSON.stringify([...new Set(loaded)].sort()));`;
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const answer = execFileSync(process.execPath, ["--import", "tsx", "--input-type=module", "-e", program], {
    cwd: root,
    encoding: "utf8",
  });
  return JSON.parse(answer.trim().split("\n").at(-1) ?? "[]");
}

test("a stack on Google Cloud never loads the SDK of AWS", SLOW, () => {
  expect(loadedBy("cloud-run > cloud-functions (queued) > bigquery < superset@gcp")).toEqual(["gcp", "random"]);
});

test("a local stack loads neither cloud's", SLOW, () => {
  expect(loadedBy("docker > docker (direct) > postgres@docker < metabase@docker")).toEqual(["docker", "random"]);
});

test("a stack on AWS never loads the SDK of Google Cloud", SLOW, () => {
  expect(loadedBy("api-gateway > lambda (direct) > postgres@aws < metabase@aws")).toEqual(["aws", "random"]);
});
