/** The tarball as publint and "are the types wrong?" see it: what is said of a package that is ESM only. */
import { readFileSync } from "node:fs";
import { checkPackage, createPackageFromTarballData, type Problem } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { expect, inject, test } from "vitest";

const { path } = inject("tarball");
const tarball = new Uint8Array(readFileSync(path));

test("publint has nothing to say, suggestions counted", { timeout: 60_000 }, async () => {
  const { messages, pkg } = await publint({ pack: { tarball: tarball.buffer }, level: "suggestion", strict: true });
  expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
});

test("its types resolve from every entry as its code does", { timeout: 60_000 }, async () => {
  const result = await checkPackage(createPackageFromTarballData(tarball));
  if (result.types === false) throw new Error("The tarball has no types.");
  expect(Object.keys(result.entrypoints)).toEqual([".", "./client", "./extend", "./package.json"]);
  expect(result.problems.filter(concernsModules)).toEqual([]);
});

/** Node 10 knows no `exports`, and CommonJS gets a module from Node 22 on: neither is promised (`type`, `engines`). */
function concernsModules(problem: Problem): boolean {
  return !("resolutionKind" in problem && /^(node10|node16-cjs)$/.test(problem.resolutionKind));
}
