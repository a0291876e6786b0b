import { expect, test } from "vitest";
import { deploy, Secret } from "./deploy.ts";
import { BUNDLES } from "./settings.ts";

test("what copies a storage logs in as a writer, by a secret output, to the archive as well", async () => {
  const { outputs } = await deploy({
    api: { kind: "api-gateway" },
    rpc: { kind: "lambda" },
    visualizer: { kind: "metabase", metabase: { host: "aws" } },
    bundles: BUNDLES,
    storage: { kind: "bigquery" },
    archive: { kind: "snowflake" },
  });
  expect(outputs.stores).toBeInstanceOf(Secret);
  const { storage, archive } = (outputs.stores as Secret).value as Record<string, object>;
  expect(storage).toMatchObject({ driver: "bigquery", project: "my-project", auth: { by: "ambient" } });
  expect(archive).toMatchObject({
    driver: "snowflake",
    role: expect.stringMatching(/writer/i),
    privateKey: expect.any(String),
  });
});

test("what applies dashboards by hand logs in from outside, and tells how the storage is read, by a secret output", async () => {
  const { outputs } = await deploy({
    api: { kind: "api-gateway" },
    rpc: { kind: "lambda" },
    visualizer: { kind: "metabase", metabase: { host: "aws" } },
    bundles: BUNDLES,
    storage: { kind: "postgres", postgres: { host: "aws" } },
  });
  expect(outputs.dashboards).toBeInstanceOf(Secret);
  expect((outputs.dashboards as Secret).value).toMatchObject({
    product: "metabase",
    name: "integraviz-test",
    url: outputs.dashboardUrl,
    by: "password",
    user: "admin@integraviz.invalid",
    password: expect.any(String),
    reader: { driver: "postgres", password: expect.any(String) },
  });
});
