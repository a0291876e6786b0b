import { expect, test } from "vitest";
import { KNOWN, readStores } from "./chosen.ts";

test("the stores that can be chosen are those with a subject", () => {
  expect(KNOWN).toEqual(["bigquery", "memory", "postgres", "snowflake"]);
});

test.each([
  [undefined, KNOWN],
  ["", KNOWN],
  ["postgres", ["postgres"]],
  ["postgres, memory", ["postgres", "memory"]],
])("STORES=%s chooses %j", (text, names) => {
  expect(readStores(text)).toEqual(names);
});

test("an unknown store is one error that lists those there are", () => {
  expect(() => readStores("postgres,mysql")).toThrow(
    'STORES=postgres,mysql: there is no store "mysql". Those there are: bigquery, memory, postgres, snowflake.',
  );
});
