import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { REFUSALS, toTitle } from "../../../contract/refusals.ts";
import { ERRORS_INTRODUCTION } from "../../../functions/refusals/errors-introduction.ts";
import { toErrorsPage } from "../../../functions/refusals/errors-page.ts";

test("docs/errors.md is made of the table; `npx vitest run test/functions/refusals -u` writes it anew", async () => {
  await expect(toErrorsPage(ERRORS_INTRODUCTION)).toMatchFileSnapshot("../../../docs/errors.md");
});

test("every code has one heading, to which its type points", () => {
  const headings = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8").match(/^### .*$/gm);
  expect(headings).toEqual(Object.keys(REFUSALS).map((code) => `### ${code}`));
});

test.each(Object.entries(REFUSALS))("%s says in whole sentences what happened and what to do", (code, kind) => {
  expect(code).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  expect(toTitle(code)).toMatch(/^[A-Z]/);
  expect([kind.text, kind.fix]).toEqual([expect.stringMatching(/\.$/), expect.stringMatching(/\.$/)]);
});
