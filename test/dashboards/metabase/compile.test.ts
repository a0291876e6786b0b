import { describe, expect, test } from "vitest";
import { compile } from "../../../dashboards/metabase/compile.ts";
import { plan } from "../../../dashboards/metabase/plan.ts";
import { qualified } from "../../../dashboards/panel-query.ts";
import { shippedDashboards } from "../../../dashboards/shipped.ts";
import { customMetrics } from "../../../functions/stores/custom-metrics.ts";
import { readers } from "../superset/readers.ts";

const specs = shippedDashboards(customMetrics().map(({ name }) => name));
const compiled = (driver: keyof typeof readers, name = "integraviz-aws") =>
  compile(specs, { name, site: "https://bi.example.com", reader: readers[driver] });
const nothing = { site: undefined, database: undefined, collection: undefined, cards: [], dashboards: [] };

describe.each(Object.keys(readers) as (keyof typeof readers)[])("%s", (driver) => {
  const operations = plan(compiled(driver), nothing, []);

  // After a change that is meant: npx vitest run test/dashboards/metabase/compile.test.ts --update
  test("is the plan in golden/", async () => {
    const hidden = JSON.stringify(operations, null, 2).replace(
      /"(password|private-key-value|service-account-json)": ".*"/g,
      '"$1": "..."',
    );
    const text = hidden.replace(/"query": "(.*)"/g, (_, query) => `"query":\n${JSON.parse(`"${query}"`)}\n`);
    await expect(`${text}\n`).toMatchFileSnapshot(`golden/${driver}.txt`);
  });

  test("is the same at every call, and goes through JSON unchanged", () => {
    expect(plan(compiled(driver), nothing, [])).toEqual(operations);
    expect(JSON.parse(JSON.stringify(operations))).toEqual(operations);
  });

  test("names nothing before it is made", () => {
    const made = new Set<string>();
    for (const { of, body, makes } of operations) {
      const named = [...JSON.stringify(body ?? {}).matchAll(/"\$number":"([^"]+)"/g)].map(([, to]) => to!);
      for (const to of [...named, ...(of ? [of] : [])]) expect(made).toContain(to);
      if (makes) made.add(makes);
    }
  });

  test("has a secret in nothing but the details of the database", () => {
    const rest = operations.filter(({ path }) => path !== "/api/database");
    for (const secret of ["READER/PASSWORD", "KEY/IN/THE/CLEAR", "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS"])
      expect(JSON.stringify(rest)).not.toContain(secret);
  });

  test("every variable of a query is one that its dashboard fills in", () => {
    const { cards, dashboards } = compiled(driver);
    for (const { body } of cards) {
      const { native } = body.dataset_query as { native: { query: string; "template-tags": object } };
      const named = [...native.query.matchAll(/\{\{(\w+)\}\}/g)].map(([, name]) => name);
      expect(named.toSorted()).toEqual(Object.keys(native["template-tags"]).toSorted());
    }
    for (const { body } of dashboards) {
      const filters = (body.parameters as { id: string }[]).map(({ id }) => id);
      const mapped = (body.dashcards as { parameter_mappings: { parameter_id: string }[] }[]).flatMap((one) =>
        one.parameter_mappings.map(({ parameter_id }) => parameter_id),
      );
      expect(new Set(mapped)).toEqual(new Set(filters));
    }
  });
});

test("two deployments have no marker in common", () => {
  const marks = (name: string) => compiled("postgres", name).cards.map(({ body }) => body.description);
  expect(marks("integraviz-gcp").filter((one) => marks("integraviz-aws").includes(one))).toEqual([]);
});

test.each([
  [
    "SELECT * FROM runs AS r JOIN run_summary s USING (run)",
    "SELECT * FROM v.runs AS r JOIN v.run_summary s USING (run)",
  ],
  ["WITH mine AS (SELECT * FROM runs) SELECT * FROM mine", "WITH mine AS (SELECT * FROM v.runs) SELECT * FROM mine"],
  ["SELECT EXTRACT(year FROM started_at) FROM runs", "SELECT EXTRACT(year FROM started_at) FROM v.runs"],
  ["SELECT * FROM (SELECT * from other.runs) x", "SELECT * FROM (SELECT * from other.runs) x"],
  ["SELECT * FROM generate_series(1, 2)", "SELECT * FROM generate_series(1, 2)"],
  ["SELECT a IS DISTINCT FROM b FROM runs", "SELECT a IS DISTINCT FROM b FROM v.runs"],
  [
    "WITH t (a, b) AS (SELECT 1, 2 FROM runs) SELECT a FROM t",
    "WITH t (a, b) AS (SELECT 1, 2 FROM v.runs) SELECT a FROM t",
  ],
  ["WITH t AS MATERIALIZED (SELECT 1) SELECT * FROM t", "WITH t AS MATERIALIZED (SELECT 1) SELECT * FROM t"],
  ["WITH t AS NOT MATERIALIZED(SELECT 1) SELECT * FROM t", "WITH t AS NOT MATERIALIZED(SELECT 1) SELECT * FROM t"],
  ["SELECT 'taken FROM runs' FROM runs -- FROM here", "SELECT 'taken FROM runs' FROM v.runs -- FROM here"],
])("%s names its views with where they are", (sql, expected) => {
  expect(qualified(sql, "v.")).toBe(expected);
});
