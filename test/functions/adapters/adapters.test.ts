import { gunzipSync, gzipSync } from "node:zlib";
import { Hono } from "hono";
import { describe, expect, test, vi } from "vitest";
import { lambdaHttpHandler } from "../../../functions/adapters/aws/lambda.ts";
import { type LambdaHttpEvent, shapeOf } from "../../../functions/adapters/aws/lambda-events.ts";
import { nodeAdapter } from "../http/handler-suite/adapters.ts";
import type { Adapter } from "../http/handler-suite/api.ts";
import { cloudFunctionsAdapter } from "../http/handler-suite/functions-framework.ts";
import { gatewayToCloudFunctions, gatewayToNode } from "../http/handler-suite/gateway-adapters.ts";
import { lambdaAdapter, lambdaEvents } from "../http/handler-suite/lambda-adapters.ts";

/** Says what reached it, and answers in every odd way there is. */
function echoApp(): Hono {
  const app = new Hono();
  app.get("/cookies", (c) => {
    for (const cookie of ["a=1; Path=/", "b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "c=3"])
      c.header("set-cookie", cookie, { append: true });
    return c.text("three");
  });
  app.get("/binary", (c) => c.body(BYTES, 200, { "content-type": "application/octet-stream" }));
  app.get("/gzip", (c) =>
    c.body(gzipSync("zipped"), 200, { "content-encoding": "gzip", "content-type": "text/plain" }),
  );
  app.get("/nothing", (c) => c.body(null, 204));
  app.get("/redirect", (c) => c.redirect("/elsewhere?a=b", 303));
  app.get("/text", (c) => c.text("é😀\u0000"));
  app.all("*", async (c) =>
    c.json({
      method: c.req.method,
      path: new URL(c.req.url).pathname,
      query: [...new URL(c.req.url).searchParams],
      headers: c.req.header(),
      body: Buffer.from(await c.req.arrayBuffer()).toString("base64"),
    }),
  );
  return app;
}

interface Echo {
  method: string;
  path: string;
  query: [string, string][];
  headers: Record<string, string>;
  body: string;
}

const BYTES = Uint8Array.from({ length: 512 }, (_, index) => index % 256);

const adapters: Record<string, Adapter> = {
  node: nodeAdapter,
  "Cloud Functions": cloudFunctionsAdapter,
  "gateway to node": gatewayToNode,
  "gateway to Cloud Functions": gatewayToCloudFunctions,
  ...Object.fromEntries(Object.keys(lambdaEvents).map((front) => [`Lambda behind ${front}`, lambdaAdapter(front)])),
};

describe.each(Object.entries(adapters))("%s", (name, adapter) => {
  const ask = async (path: string, init: RequestInit = {}) => {
    const served = await adapter(echoApp());
    try {
      const answer = await served.request(path, init);
      const bytes = Buffer.from(await answer.arrayBuffer());
      return { answer, bytes, echo: () => JSON.parse(bytes.toString()) as Echo };
    } finally {
      await served.close();
    }
  };
  const keepsLast = name === "Lambda behind load balancer";

  test("several cookies of an answer", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const { answer } = await ask("/cookies");
    const cookies = answer.headers.getSetCookie();
    // A load balancer without multi-value headers has room for one, and what is left out is told.
    expect(cookies.map((cookie) => cookie[0])).toEqual(keepsLast ? ["a"] : ["a", "b", "c"]);
    expect(warn).toHaveBeenCalledTimes(keepsLast ? 1 : 0);
    warn.mockRestore();
  });

  test("several cookies of a request", async () => {
    const { echo } = await ask("/", { headers: { cookie: "a=1; b=2; c=3" } });
    expect(echo().headers.cookie).toBe("a=1; b=2; c=3");
  });

  test("a binary body there and back", async () => {
    const sent = await ask("/in", {
      method: "POST",
      body: BYTES,
      headers: { "content-type": "application/octet-stream" },
    });
    expect(Buffer.from(sent.echo().body, "base64")).toEqual(Buffer.from(BYTES));
    expect(sent.echo().headers["content-length"]).toBe("512");
    expect((await ask("/binary")).bytes).toEqual(Buffer.from(BYTES));
  });

  test("a text body there and back", async () => {
    const text = '{"text": "é😀\\u0000 \ufffe"}';
    const sent = await ask("/in", { method: "POST", body: text, headers: { "content-type": "application/json" } });
    expect(Buffer.from(sent.echo().body, "base64").toString()).toBe(text);
    expect((await ask("/text")).bytes.toString()).toBe("é😀\u0000");
  });

  test("gzip there and back", async () => {
    const body = gzipSync("zipped");
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    // The Functions Framework inflates it, and cannot be told not to but by another name of the header.
    const { echo } = await ask("/in", {
      method: "POST",
      body: name === "Cloud Functions" ? gzipSync("5") : body,
      headers,
    });
    const received = Buffer.from(echo().body, "base64");
    if (name === "Cloud Functions") {
      expect([received.toString(), echo().headers["content-encoding"]]).toEqual(["5", undefined]);
      expect(echo().headers["content-length"]).toBe("1");
    } else {
      expect(gunzipSync(received).toString()).toBe("zipped");
      expect(echo().headers["content-encoding"]).toBe("gzip");
    }
    const { answer, bytes } = await ask("/gzip");
    expect(answer.headers.get("content-encoding")).toBe("gzip");
    // `fetch` has inflated it, or it was handed over as it is.
    expect(bytes[0] === 0x1f ? gunzipSync(bytes).toString() : bytes.toString()).toBe("zipped");
  });

  test.each(["POST", "DELETE", "GET"])("%s without a body", async (method) => {
    const { echo } = await ask("/in", { method });
    expect(echo()).toMatchObject({ method, path: "/in", body: "" });
  });

  test("an answer without a body, and one that leads on", async () => {
    const { answer, bytes } = await ask("/nothing");
    expect([answer.status, bytes.length]).toEqual([204, 0]);
    const led = await ask("/redirect", { redirect: "manual" });
    expect([led.answer.status, led.answer.headers.get("location")]).toEqual([303, "/elsewhere?a=b"]);
  });

  test("keys of the query without a value, encoded, and several times", async () => {
    const { echo } = await ask("/q?flag&empty=&run=a%26b&run=c%20d&plus=1%2B1&%C3%A9=%F0%9F%98%80");
    expect(echo().query).toEqual([
      ["flag", ""],
      ["empty", ""],
      ...(keepsLast ? [] : [["run", "a&b"]]),
      ["run", "c d"],
      ["plus", "1+1"],
      ["é", "😀"],
    ]);
  });

  test("paths with a space, a percent sign and letters of all kinds", async () => {
    const { echo } = await ask("/v1/runs/a%20b%25c%C3%A9%23d");
    expect(decodeURIComponent(echo().path)).toBe("/v1/runs/a b%cé#d");
  });
});

describe("events as they come", () => {
  const handler = lambdaHttpHandler(async () => echoApp());
  const echo = async (event: LambdaHttpEvent) => JSON.parse((await handler(event)).body) as Echo;
  const rest = (more: LambdaHttpEvent): LambdaHttpEvent => ({
    path: "/in",
    httpMethod: "GET",
    requestContext: { domainName: "api.example" },
    ...more,
  });

  test("with both header maps each header counts once", async () => {
    const headers = { "X-One": "1", accept: "b" };
    const multiValueHeaders = { "X-One": ["1"], accept: ["a", "b"], "x-null": null, "x-some": ["c", null] };
    const { headers: seen } = await echo(rest({ headers, multiValueHeaders }));
    expect(seen).toMatchObject({ "x-one": "1", accept: "a, b", "x-some": "c" });
  });

  test.each([
    ["null", { headers: null, multiValueHeaders: null, queryStringParameters: null, body: null }],
    ["left out", {}],
    ["empty", { headers: {}, multiValueHeaders: {}, queryStringParameters: {}, body: "" }],
  ])("maps that are %s", async (_, more) => {
    expect(await echo(rest(more))).toMatchObject({ path: "/in", query: [], body: "" });
    expect(await echo(rest({ ...more, requestContext: { elb: {} } }))).toMatchObject({
      path: "/in",
      query: [],
      body: "",
    });
    const v2 = { rawPath: "/in", rawQueryString: "", requestContext: { http: { method: "GET" }, domainName: "d" } };
    expect(await echo({ ...v2, ...more })).toMatchObject({ path: "/in", query: [], body: "" });
  });

  test("null as the value of a query's key is no word", async () => {
    const event = rest({ queryStringParameters: { flag: null }, multiValueQueryStringParameters: { flag: [null] } });
    expect((await echo(event)).query).toEqual([["flag", ""]]);
    expect((await echo({ ...event, multiValueQueryStringParameters: null })).query).toEqual([["flag", ""]]);
  });

  test("several headers of one name behind a load balancer are a list", async () => {
    const multiValueHeaders = { "x-list": ["a", "b"], cookie: ["a=1", "b=2"] };
    const { headers } = await echo(rest({ multiValueHeaders, requestContext: { elb: {} } }));
    expect(headers).toMatchObject({ "x-list": "a, b", cookie: "a=1; b=2" });
  });

  test("a GET with a body is a GET", async () => {
    expect(await echo(rest({ body: "ignored", isBase64Encoded: false }))).toMatchObject({ method: "GET", body: "" });
  });

  test("a decoded path is never taken for a query", async () => {
    const requestContext = { http: { method: "GET" }, domainName: "api.example" };
    const { path, query } = await echo({ rawPath: "/v1/a#b %41?x=1", rawQueryString: "y=2", requestContext });
    expect(decodeURIComponent(path)).toBe("/v1/a#b %41?x=1");
    expect(query).toEqual([["y", "2"]]);
  });

  test.each([{}, { Records: [] }, { version: "2.0", rawPath: "/" }])("%j is no request", (event) => {
    expect(() => shapeOf(event as LambdaHttpEvent)).toThrow(/not an HTTP request/);
  });
});
