import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { findEndpoint } from "../../../operations/addresses/endpoint.ts";
import { Mistake } from "../../../operations/mistake.ts";
import { standInPulumi } from "../../stand-ins/pulumi.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "stack-endpoint-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const pulumi = async (answer: Parameters<typeof standInPulumi>[1]): Promise<void> => {
  vi.stubEnv("PATH", await standInPulumi(folder, answer));
};

const outputs = { url: "https://api.example.com", token: "a.b.c", dashboardUrl: "https://bi.example.com", sql: {} };

test("the endpoint is what the stack's outputs say, secrets included", async () => {
  await pulumi({ stdout: JSON.stringify(outputs) });
  expect(await findEndpoint({ stack: "aws", data: folder })).toEqual({ url: outputs.url, token: outputs.token });
  const argv = JSON.parse(await readFile(join(folder, "argv.json"), "utf8")) as string[];
  expect(argv.slice(0, 4)).toEqual(["stack", "output", "--json", "--show-secrets"]);
  expect(argv.slice(-3)).toEqual(["-s", "aws", "--non-interactive"]);
});

test("the stack's outputs go before an endpoint.json", async () => {
  await pulumi({ stdout: JSON.stringify(outputs) });
  await writeFile(join(folder, "endpoint.json"), JSON.stringify({ url: "http://127.0.0.1:1", token: "t" }));
  expect((await findEndpoint({ stack: "aws", data: folder })).url).toBe(outputs.url);
});

const noStack = { stderr: "error: no stack named 'awss' found\n", code: 6 };
const loggedOut = { stderr: "error: PULUMI_ACCESS_TOKEN must be set for login\n", code: 3 };

test.each<[string, Parameters<typeof pulumi>[0], string]>([
  ["no such stack", noStack, "no stack named 'awss' found. pulumi stack ls names those that there are."],
  ["a backend that nobody is logged in to", loggedOut, "PULUMI_ACCESS_TOKEN must be set for login\nLog in"],
  ["a stack that is not up", { stdout: "{}" }, "the stack has no output url. Bring it up first (pulumi up -s awss)"],
  ["a program without a token", { stdout: '{"url":"https://x"}' }, "has no output token"],
  ["a url that is none", { stdout: '{"url":"x:1","token":"t"}' }, '--stack awss: "x:1" is no address'],
])("%s is told with the fix", async (_what, answer, says) => {
  await pulumi(answer);
  const finding = findEndpoint({ stack: "awss", data: folder });
  await expect(finding).rejects.toThrow(says);
  await expect(finding).rejects.toThrow("--stack awss: ");
  await expect(finding).rejects.toBeInstanceOf(Mistake);
});

test("no CLI is told with the fix", async () => {
  vi.stubEnv("PATH", folder);
  const finding = findEndpoint({ stack: "aws", data: folder });
  await expect(finding).rejects.toThrow("there is no pulumi on the PATH");
  await expect(finding).rejects.toBeInstanceOf(Mistake);
});

test.each([["url"], ["token"]])("--stack and --%s contradict each other", async (option) => {
  await expect(findEndpoint({ stack: "aws", data: folder, [option]: "x" })).rejects.toThrow(
    `--stack and --${option} both say`,
  );
});
