import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CLI_VERSION } from "../engine/cli/cli.ts";

const text = readFileSync(new URL("../../.github/workflows/preview.yml", import.meta.url), "utf8");

test("every action is pinned to a commit, with its version beside it", () => {
  const uses = text.split("\n").filter((line) => line.includes("uses:"));
  expect(uses.length).toBeGreaterThan(4);
  for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

test("a fork's code meets no secret, and identities are taken on instead of keys", () => {
  expect(text).not.toContain("pull_request_target");
  expect(text).not.toContain("secrets.");
  expect(text).toContain("if: github.event.pull_request.head.repo.full_name == github.repository");
  expect(text).toMatch(/^permissions: \{\}$/m);
  const granted = /\n {4}permissions:\n((?: {6}.*\n)+)/.exec(text)?.[1]?.trim().split(/\n\s*/);
  expect(granted).toEqual(["contents: read", "id-token: write", "pull-requests: write"]);
});

test("it only previews, one at a time for a stack and a pull request", () => {
  expect(text.match(/^ {10}command: (.*)$/m)?.[1]).toBe("preview");
  expect(text).toMatch(/concurrency:\n {6}group: preview-\$\{\{ matrix\.stack \}\}/);
  expect(text).toMatch(/suppress-outputs: true/);
});

test("it previews with the version of the CLI that the tests run", () => {
  expect(`v${text.match(/^ {10}pulumi-version: (.*)$/m)?.[1]}`).toBe(CLI_VERSION);
});
