import fc from "fast-check";
import { expect, test } from "vitest";
// What single implementations add is there once they are.
import "../../components/registries.ts";
import { nameRules } from "../../components/making/name-rules.ts";
import { nameRule, physicalName } from "../../components/making/naming.ts";

const named = Object.entries(nameRules).filter(([, { field }]) => field !== null);
const ALPHABETS = { dns: /^[a-z](-?[a-z0-9])*$/, snake: /^[a-z0-9_]+$/, upper: /^[A-Z0-9_]+$/, plain: /^[\w-]+$/ };

/** As Pulumi lets projects and stacks be called. */
const prefix = fc.stringMatching(/^[A-Za-z0-9_.-]{1,60}$/);
const part = fc.stringMatching(/^[a-z][A-Za-z0-9-]{0,60}$/);

test.each(named)("names of %s keep its length and alphabet", (type, { max, alphabet }) => {
  fc.assert(
    fc.property(prefix, fc.array(part, { minLength: 1, maxLength: 5 }), (start, rest) => {
      const parts = [start, ...rest];
      const name = physicalName(type, parts);
      expect(name.length).toBeLessThanOrEqual(max);
      expect(name).toMatch(ALPHABETS[alphabet]);
      expect(physicalName(type, parts)).toBe(name);
    }),
  );
});

test("long names that differ at the end stay different", () => {
  const long = "a".repeat(80);
  expect(physicalName("aws:lambda/function:Function", [long, "worker"])).not.toBe(
    physicalName("aws:lambda/function:Function", [long, "function"]),
  );
});

test("a replacement has another name than its predecessor", () => {
  const target = (port: number) =>
    physicalName("aws:lb/targetGroup:TargetGroup", ["integraviz-aws", "visualizer"], port);
  expect(target(3000)).not.toBe(target(8088));
});

test("a type without a rule is an error that names the file", () => {
  expect(() => nameRule("aws:s3/bucket:Bucket")).toThrow("components/making/name-rules.ts");
});
