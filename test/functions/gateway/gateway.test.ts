import { createHash, createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { CORS } from "../../../contract/cors.ts";
import { GATEWAY_HEALTH } from "../../../contract/health.ts";
import type { GatewayAuth } from "../../../contract/invoke-auth.ts";
import { readAwsSecrets } from "../../../functions/adapters/aws/secrets.ts";
import { listen } from "../../../functions/adapters/node/node.ts";
import { LIMITS } from "../../../functions/event/event.ts";
import { createGateway } from "../../../functions/gateway/gateway.ts";
import { createInvoker, type Invoker } from "../../../functions/gateway/invoker.ts";

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const one of undo.splice(0)) await one();
});

interface Seen {
  method: string;
  url: string;
  headers: IncomingMessage["headers"];
  body: Buffer;
}

type Serve = (seen: Seen, response: ServerResponse) => void;

/** A server that keeps what reached it. */
async function serve(answer: Serve): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const one = { method: request.method!, url: request.url!, headers: request.headers, body: Buffer.concat(chunks) };
    seen.push(one);
    answer(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  undo.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen };
}

const jwt = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.sig`;
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

async function openGateway(
  how: GatewayAuth | Invoker,
  { env = {}, origins = [] as string[], report = console.error } = {},
) {
  const invoker = "auth" in how ? createInvoker(how, env, { gatewayKeys: { current: "the-key" } }) : how;
  const gateway = await listen(createGateway({ invoker, origins, report }).fetch, 0, "127.0.0.1");
  undo.push(() => gateway.stop(0));
  return `http://127.0.0.1:${gateway.port}`;
}

/** To an RPC that asks for none. */
const withoutProof = (url: string): Invoker => ({
  renames: [],
  target: (pathAndQuery) => new URL(url + pathAndQuery),
  headers: async () => ({}),
});

const ok: Serve = (_, response) => response.end("ok");

/** The metadata server, counting what it gave out. */
const metadata = (lasts: number) =>
  serve(({ url, headers }, response) => {
    if (headers["metadata-flavor"] !== "Google") return response.writeHead(403).end();
    const audience = new URL(url, "http://x").searchParams.get("audience");
    return response.end(jwt({ aud: audience, exp: inSeconds(lasts) }));
  });

/** What AWS works out from a request, to compare signatures ("Create a signed AWS API request", IAM user guide). */
function signatureOf({ method, url, headers, body }: Seen, secret: string): string {
  const authorization = headers.authorization as string;
  const [, day, region, service] = /Credential=[^/]+\/(\d+)\/([^/]+)\/([^/]+)/.exec(authorization) as RegExpExecArray;
  const signed = /SignedHeaders=([^,]+)/.exec(authorization)?.[1]?.split(";") as string[];
  const { pathname, searchParams } = new URL(url, "http://x");
  const encode = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const hash = (data: string | Buffer) => createHash("sha256").update(data).digest("hex");
  const canonical = [
    method,
    pathname.split("/").map(encode).join("/"),
    [...searchParams]
      .map(([k, v]) => `${encode(k)}=${encode(v)}`)
      .sort()
      .join("&"),
    ...signed.map((name) => `${name}:${headers[name]}`),
    "",
    signed.join(";"),
    hash(body),
  ].join("\n");
  const scope = [day, region, service, "aws4_request"];
  const toSign = ["AWS4-HMAC-SHA256", headers["x-amz-date"], scope.join("/"), hash(canonical)].join("\n");
  const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest();
  const key = scope.reduce<string | Buffer>((k, part) => hmac(k, part as string), `AWS4${secret}`);
  return hmac(key, toSign).toString("hex");
}

describe("sigv4", () => {
  const sts = (lasts: number) =>
    serve((_, response) =>
      response.end(`<AssumeRoleWithWebIdentityResponse><Credentials><AccessKeyId>ASIA</AccessKeyId>
        <SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken>
        <Expiration>${new Date(Date.now() + lasts * 1000).toISOString()}</Expiration></Credentials></Assume>`),
    );
  async function open({ lasts = 3600 } = {}) {
    const [google, exchange, rpc] = [await metadata(3600), await sts(lasts), await serve(ok)];
    const env = { GCE_METADATA_HOST: google.url.slice(7), AWS_ENDPOINT_URL_STS: exchange.url };
    const invokeAuth = {
      auth: "sigv4",
      url: `${rpc.url}/`,
      region: "eu-central-1",
      roleArn: "arn:role",
      audience: "us",
    } as const;
    return { url: await openGateway(invokeAuth, { env }), google, exchange, rpc };
  }

  test.each([
    ["GET", "/v1/runs?project=a%2Fb&text=c%20d+e&flag&run=x&run=%C3%A9", undefined],
    ["GET", "/v1/runs/a%20b%25c%2Fd*'()!", undefined],
    ["POST", "/v1/events?project=p", '{"run_id":"é"}'],
    ["POST", "/", Uint8Array.of(0x1f, 0x8b, 0, 255)],
    ["DELETE", "/v1/session", undefined],
  ])("%s %s carries a signature that AWS would work out as well", async (method, path, body) => {
    const { url, rpc } = await open();
    const headers = { authorization: "Bearer user", "x-forwarded-for": "1.2.3.4", cookie: "a=1" };
    const answer = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) });
    expect(await answer.text()).toBe("ok");
    const [seen] = rpc.seen as [Seen];
    expect(/Signature=(\w+)/.exec(seen.headers.authorization as string)?.[1]).toBe(signatureOf(seen, "secret"));
    // What proxies may touch is not signed, and the user's token travels beside.
    expect(seen.headers.authorization).toContain("SignedHeaders=host;x-amz-date;x-amz-security-token,");
    expect(seen.headers).toMatchObject({
      "x-integraviz-authorization": "Bearer user",
      "x-amz-security-token": "session",
      cookie: "a=1",
    });
  });

  test("one exchange for many requests, and another shortly before its end", async () => {
    const lasting = await open();
    await Promise.all(Array.from({ length: 10 }, () => fetch(lasting.url)));
    await fetch(lasting.url);
    expect([lasting.google.seen.length, lasting.exchange.seen.length]).toEqual([1, 1]);
    const asked = new URLSearchParams(lasting.exchange.seen[0]?.body.toString());
    expect(Object.fromEntries(asked)).toMatchObject({ Action: "AssumeRoleWithWebIdentity", RoleArn: "arn:role" });
    expect(asked.get("WebIdentityToken")).toMatch(/^e30\./);
    const ending = await open({ lasts: 60 });
    await fetch(ending.url);
    await fetch(ending.url);
    expect(ending.exchange.seen.length).toBe(2);
  });

  test("a role that is refused is an error of ours, told without details", async () => {
    const google = await metadata(3600);
    const exchange = await serve((_, response) =>
      response.writeHead(403).end("<Error><Code>AccessDenied</Code><Message>no</Message></Error>"),
    );
    const reports: unknown[] = [];
    const url = await openGateway(
      { auth: "sigv4", url: "http://127.0.0.1:9", region: "r", roleArn: "arn:role", audience: "us" },
      {
        env: { GCE_METADATA_HOST: google.url.slice(7), AWS_ENDPOINT_URL_STS: exchange.url },
        report: (error) => reports.push(error),
      },
    );
    const answer = await fetch(url);
    expect(answer.status).toBe(500);
    expect(await answer.text()).not.toContain("AccessDenied");
    expect(String(reports[0])).toContain("AWS STS refused the role arn:role with 403: AccessDenied no");
  });
});

describe("google-id", () => {
  test("the ID token goes beside the user's own, and is kept until shortly before its end", async () => {
    const [lasting, ending, rpc] = [await metadata(3600), await metadata(60), await serve(ok)];
    const invokeAuth = { auth: "google-id", url: rpc.url, audience: "https://function" } as const;
    for (const [google, times] of [
      [lasting, 1],
      [ending, 3],
    ] as const) {
      const url = await openGateway(invokeAuth, { env: { GCE_METADATA_HOST: google.url.slice(7) } });
      for (let n = 0; n < 3; n += 1) await fetch(url, { headers: { authorization: "Bearer user" } });
      expect(google.seen.length).toBe(times);
    }
    const [bearer, token] = String(rpc.seen[0]?.headers["x-serverless-authorization"]).split(" ");
    expect([bearer, JSON.parse(Buffer.from(token!.split(".")[1]!, "base64url").toString()).aud]).toEqual([
      "Bearer",
      "https://function",
    ]);
    expect(rpc.seen[0]?.headers.authorization).toBe("Bearer user");
  });
});

describe("whatever the invoke auth", () => {
  test("headers that prove a caller cannot be brought along", async () => {
    const rpc = await serve(ok);
    const url = await openGateway(withoutProof(rpc.url));
    const names = [
      "x-integraviz-key",
      "x-serverless-authorization",
      "x-integraviz-authorization",
      "proxy-authorization",
    ];
    await fetch(url, { headers: Object.fromEntries(names.map((name) => [name, "forged"])) });
    for (const name of names) expect(rpc.seen[0]?.headers).not.toHaveProperty(name);
  });

  test("an answer streams through as it comes, and the RPC hears when the caller leaves", async () => {
    let hasLeft = false;
    const rpc = await serve((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: 1\n\n");
      response.on("close", () => {
        hasLeft = true;
      });
    });
    const url = await openGateway({ auth: "shared-key", url: rpc.url });
    const answer = await fetch(url);
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value as Uint8Array).toString()).toBe("data: 1\n\n");
    await reader.cancel();
    await expect.poll(() => hasLeft).toBe(true);
    expect(rpc.seen[0]?.headers["x-integraviz-key"]).toBe("the-key");
  });

  test("too large a body never reaches the RPC", async () => {
    const rpc = await serve(ok);
    const url = await openGateway(withoutProof(rpc.url));
    const answer = await fetch(url, { method: "POST", body: Buffer.alloc(LIMITS.bodyBytes + 1) });
    expect(answer.status).toBe(413);
    expect(rpc.seen).toEqual([]);
  });

  test("its own health does not hang on the RPC", async () => {
    const url = await openGateway(withoutProof("http://127.0.0.1:9"));
    expect((await fetch(url + GATEWAY_HEALTH)).status).toBe(200);
    expect((await fetch(`${url}/health`)).status).toBe(503);
  });

  test("an RPC that is away is a 503 that says to come again", async () => {
    const url = await openGateway(withoutProof("http://127.0.0.1:9"));
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(await answer.json()).toMatchObject({ detail: "The RPC behind this API does not answer." });
  });

  test("pages of the origins that are listed may call, others may not", async () => {
    const rpc = await serve(ok);
    const url = await openGateway(withoutProof(rpc.url), { origins: ["https://board.example"] });
    const preflight = (origin: string) =>
      fetch(url, { method: "OPTIONS", headers: { origin, "access-control-request-method": "POST" } });
    const good = await preflight("https://board.example");
    expect([good.status, good.headers.get("access-control-allow-origin")]).toEqual([204, "https://board.example"]);
    const allowed = (what: string) => good.headers.get(`access-control-allow-${what}`)?.split(",");
    expect([allowed("methods"), allowed("headers")], "what API Gateway allows").toEqual([
      CORS.allowMethods,
      CORS.allowHeaders,
    ]);
    expect((await preflight("https://evil.example")).headers.get("access-control-allow-origin")).toBeNull();
    expect(rpc.seen).toEqual([]);
    const answer = await fetch(url, { headers: { origin: "https://board.example" } });
    expect(answer.headers.get("access-control-allow-origin")).toBe("https://board.example");
  });
});

describe("secrets on AWS", () => {
  const arn = "arn:aws:secretsmanager:eu-central-1:1:secret:s";
  const env = { AWS_ACCESS_KEY_ID: "AKID", AWS_SECRET_ACCESS_KEY: "secret", INTEGRAVIZ_SECRETS_ARN: arn };

  test("are read with the function's own credentials", async () => {
    const manager = await serve((_, response) =>
      response.end(JSON.stringify({ SecretString: '{"store":{"password":"p"}}' })),
    );
    const secrets = await readAwsSecrets({ ...env, AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.url });
    expect(secrets).toEqual({ store: { password: "p" } });
    const [seen] = manager.seen as [Seen];
    expect(seen.headers["x-amz-target"]).toBe("secretsmanager.GetSecretValue");
    expect(JSON.parse(seen.body.toString())).toEqual({ SecretId: arn });
    expect(/Signature=(\w+)/.exec(seen.headers.authorization as string)?.[1]).toBe(signatureOf(seen, "secret"));
  });

  test("are those of the version that the login beside them was written with", async () => {
    const texts: Record<string, string> = { old: '{"store":{"password":"1"}}', current: '{"store":{"password":"2"}}' };
    const manager = await serve((seen, response) => {
      const { VersionId = "current" } = JSON.parse(seen.body.toString()) as { VersionId?: string };
      response.end(JSON.stringify({ SecretString: texts[VersionId] }));
    });
    const version = { INTEGRAVIZ_SECRETS_VERSION: "old", AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.url };
    expect(await readAwsSecrets({ ...env, ...version })).toEqual({ store: { password: "1" } });
  });

  test("a refusal names the operation and AWS' reason; no credentials, what sets them", async () => {
    const manager = await serve((_, response) =>
      response.writeHead(400).end(JSON.stringify({ __type: "AccessDeniedException", Message: "not allowed" })),
    );
    await expect(readAwsSecrets({ ...env, AWS_ENDPOINT_URL_SECRETS_MANAGER: manager.url })).rejects.toThrow(
      "secretsmanager.GetSecretValue answered 400: AccessDeniedException: not allowed",
    );
    await expect(readAwsSecrets({ INTEGRAVIZ_SECRETS_ARN: arn })).rejects.toThrow("which Lambda sets by itself");
    await expect(readAwsSecrets({ INTEGRAVIZ_SECRETS_ARN: "nonsense" })).rejects.toThrow("is not the ARN of a secret");
  });
});
