import { expect, test } from "vitest";
import { createHandler } from "../../../functions/http/handler.ts";
import type { Grant } from "../../../functions/http/tokens.ts";
import { openMemoryStore } from "../stores/memory/memory-store.ts";

const grant: Grant = { actor: "ada", projects: "*", scopes: ["read", "ingest"], jti: "1" };
const reported: unknown[] = [];
const handler = createHandler({
  store: openMemoryStore(),
  verify: async () => grant,
  report: (error) => reported.push(error),
});

test.each([
  ["http://here", {}, false],
  ["https://here", {}, true],
  ["http://here", { "x-forwarded-proto": "https" }, true],
  ["http://here", { "x-forwarded-proto": "https, http" }, true],
  ["http://here", { "x-forwarded-proto": "http" }, false],
])(
  "the cookie of a login at %s with %j is for TLS alone: %s",
  async (origin, headers: Record<string, string>, isSecure) => {
    const answer = await handler.request(`${origin}/v1/session`, { method: "POST", headers, body: '{"token":"x"}' });
    expect(answer.status).toBe(200);
    expect(/; Secure/.test(answer.headers.get("set-cookie") ?? "")).toBe(isSecure);
  },
);

test.each([{}, { "content-length": "100" }])("an upload that breaks off (%j) is no error of ours", async (headers) => {
  const body = new ReadableStream({
    pull: (controller) => controller.error(new Error("aborted")),
  });
  const init = { method: "POST", headers: { authorization: "Bearer x", ...headers }, body, duplex: "half" };
  const answer = await handler.request("http://here/v1/events", init as RequestInit);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ detail: "The body broke off." });
  expect(reported).toEqual([]);
});
