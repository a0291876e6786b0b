import { expect, test } from "vitest";
import { Mistake } from "../../../operations/mistake.ts";
import { readSettings } from "../../../operations/swap/settings.ts";

test("settings are read, with or without the namespace", () => {
  expect(readSettings(["integraviz:storage.kind=bigquery", "rpc.delivery=queued", "a.b=c=d"], "aws")).toEqual([
    ["storage.kind", "bigquery"],
    ["rpc.delivery", "queued"],
    ["a.b", "c=d"],
  ]);
});

test.each(["bigquery", "=bigquery"])("%s is told with the fix", (text) => {
  expect(() => readSettings([text], "aws")).toThrow(`${text} is not path=value, such as storage.kind=bigquery.`);
  expect(() => readSettings([text], "aws")).toThrow(Mistake);
});

test("a secret is refused with the way to set it, and not shown", () => {
  const secret = () => readSettings(["storage.postgres.external.password=SECRET-IN-THE-CLEAR"], "aws");
  expect(secret).toThrow("pulumi config set -s aws --secret --path integraviz:storage.postgres.external.password");
  expect(secret).not.toThrow("SECRET-IN-THE-CLEAR");
});
