import { unzipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { identity } from "../../../dashboards/identity.ts";
import { shippedDashboards } from "../../../dashboards/shipped.ts";
import { panelsOf } from "../../../dashboards/spec.ts";
import { bundle, bundleFiles } from "../../../dashboards/superset/bundle.ts";
import { compile, DATABASE_FILE } from "../../../dashboards/superset/compile.ts";
import { splitConnection } from "../../../dashboards/superset/database.ts";
import { customMetrics } from "../../../functions/stores/custom-metrics.ts";
import { PRIVATE_KEY, readers } from "./readers.ts";

const specs = shippedDashboards(customMetrics().map(({ name }) => name));
const compiled = (driver: keyof typeof readers, name = "integraviz-aws") =>
  compile(specs, { name, connection: splitConnection(readers[driver], name).connection });

describe.each(Object.keys(readers) as (keyof typeof readers)[])("%s", (driver) => {
  const { assets } = compiled(driver);

  // After a change that is meant: npx vitest run test/dashboards/superset/compile.test.ts --update
  test("is the bundle in golden/", async () => {
    const text = Object.entries(bundleFiles(assets)).map(([path, content]) => `# ${path}\n${content}`);
    await expect(text.join("\n")).toMatchFileSnapshot(`golden/${driver}.txt`);
  });

  test("is the same bytes at every call", () => {
    expect(Buffer.from(bundle(assets)).equals(Buffer.from(bundle(compiled(driver).assets)))).toBe(true);
  });

  test("holds no secret; the form beside it does", () => {
    const { secrets } = splitConnection(readers[driver], "integraviz-aws");
    const sent = Object.values(secrets).map((text) => JSON.parse(text)[DATABASE_FILE]);
    expect(sent).toContainEqual(
      {
        postgres: "READER/PASSWORD",
        snowflake: { "$.auth_params.privatekey_body": PRIVATE_KEY },
        bigquery: { "$.credentials_info.private_key": PRIVATE_KEY },
      }[driver],
    );
    const zipped = Object.values(unzipSync(bundle(assets))).map((bytes) => Buffer.from(bytes).toString());
    for (const found of ["READER/PASSWORD", "READER%2FPASSWORD", "KEY/IN/THE/CLEAR"])
      expect(zipped.join("\n")).not.toContain(found);
  });

  test("refers to nothing that is not in it", () => {
    const uuids = new Set(Object.values(assets).map(({ uuid }) => uuid));
    const named = JSON.stringify(assets).matchAll(/"(?:dataset_uuid|datasetUuid|database_uuid|uuid)":"([^"]+)"/g);
    for (const [, uuid] of named) expect(uuids).toContain(uuid);
  });

  test("numbers every chart of a dashboard once, and excludes by those numbers", () => {
    for (const [path, { position, metadata }] of Object.entries(assets)) {
      if (!path.startsWith("dashboards/")) continue;
      const elements = Object.values(position as Record<string, { meta?: { chartId?: number } }>);
      const numbers = elements.flatMap(({ meta }) => meta?.chartId ?? []);
      expect(new Set(numbers).size).toBe(numbers.length);
      const filters = (metadata as { native_filter_configuration: { scope: { excluded: number[] } }[] })
        .native_filter_configuration;
      for (const { scope } of filters) for (const number of scope.excluded) expect(numbers).toContain(number);
    }
  });
});

test("a chart is asked for every panel with data", () => {
  const data = specs.flatMap((spec) => panelsOf(spec).filter(({ kind }) => kind !== "text"));
  expect(compiled("postgres").panels).toHaveLength(data.length);
});

test("two deployments have nothing in common, and one is itself again after a rename of a panel", () => {
  const uuids = (name: string) => Object.values(compiled("postgres", name).assets).map(({ uuid }) => uuid);
  const ours = uuids("integraviz-aws").filter(Boolean);
  expect(uuids("integraviz-gcp").filter((uuid) => ours.includes(uuid))).toEqual([]);
  const [training] = structuredClone(specs);
  panelsOf(training!)[0]!.title = "Renamed";
  const renamed = compile([training!, specs[1]!], {
    name: "integraviz-aws",
    connection: splitConnection(readers.postgres, "integraviz-aws").connection,
  });
  expect(Object.values(renamed.assets).flatMap(({ uuid }) => uuid ?? [])).toEqual(ours);
});

test("an identity is a UUID of version 5", () => {
  expect(identity("a", "b")).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(identity("a", "b")).not.toBe(identity("a", "c"));
});

test("one name for two datasets is refused with the dashboards' names", () => {
  const [training, governance] = structuredClone(specs);
  governance!.datasets.runs!.columns.pop();
  expect(() =>
    compile([training!, governance!], { name: "n", connection: splitConnection(readers.postgres, "n").connection }),
  ).toThrow("The dashboards training and governance both have a dataset runs, and not the same one");
});
