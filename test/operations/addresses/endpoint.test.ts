import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findEndpoint } from "../../../operations/addresses/endpoint.ts";
import { Mistake } from "../../../operations/mistake.ts";

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), "endpoint-"));
});
afterEach(() => rm(data, { recursive: true }));

const stored = { url: "http://127.0.0.1:7300", token: "t", readToken: "r", sql: "postgres://" };

test("the endpoint is the one that is given, else the one integraviz start has written", async () => {
  await writeFile(join(data, "endpoint.json"), JSON.stringify(stored));
  expect(await findEndpoint({ data })).toEqual({ url: stored.url, token: "t" });
  expect(await findEndpoint({ data, token: "mine" })).toEqual({ url: stored.url, token: "mine" });
  const given = { url: "https://api.example.com/prod", token: "mine" };
  expect(await findEndpoint({ data, ...given })).toEqual(given);
});

test.each<[string, string | null, object, string]>([
  [
    "nowhere to send to",
    null,
    {},
    "Start the stack first (integraviz start), name its folder with --data, name a deployed one with --stack, or give --url and --token.",
  ],
  ["an address without a token", null, { url: "http://x" }, "--url needs --token"],
  ["an address that is none", null, { url: "x:1", token: "t" }, '--url: "x:1" is no address'],
  ["an empty token", null, { url: "http://x", token: " " }, "the token is empty"],
  ["a file that is no JSON", "{", {}, "has no url and token. Start the stack again"],
  ["a file without a token", '{"url":"http://x"}', {}, "has no url and token"],
])("%s is told with the fix", async (_what, file, options, says) => {
  if (file !== null) await writeFile(join(data, "endpoint.json"), file);
  const finding = findEndpoint({ data, ...options });
  await expect(finding).rejects.toThrow(says);
  await expect(finding).rejects.toBeInstanceOf(Mistake);
});
