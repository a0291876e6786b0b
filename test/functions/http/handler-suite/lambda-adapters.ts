import { type LambdaHttpAnswer, lambdaHttpHandler } from "../../../../functions/adapters/aws/lambda.ts";
import type { LambdaHttpEvent } from "../../../../functions/adapters/aws/lambda-events.ts";
import { LIMITS } from "../../../../functions/event/event.ts";
import type { Adapter } from "./api.ts";

/** A request as it reaches AWS. */
export interface WireRequest {
  method: string;
  url: URL;
  headers: [name: string, value: string][];
  body: Buffer;
}

/**
 * How each front of Lambda's writes a request down (payload formats 1.0 and 2.0, load balancer,
 * function URL).
 */
export const lambdaEvents: Record<string, (request: WireRequest) => LambdaHttpEvent> = {
  "HTTP API": (request) => ({
    ...v2(request, "abc.execute-api.eu-central-1.amazonaws.com"),
    // Decoded, and cut off where that brings up a question mark.
    rawPath: decodeURIComponent(request.url.pathname).split("?")[0] as string,
  }),
  "function URL": (request) => v2(request, "abc.lambda-url.eu-central-1.on.aws"),
  "REST API": (request) => ({
    path: request.url.pathname,
    httpMethod: request.method,
    headers: lastOf(request.headers),
    multiValueHeaders: allOf(request.headers),
    queryStringParameters: lastOf([...request.url.searchParams]),
    multiValueQueryStringParameters: allOf([...request.url.searchParams]),
    requestContext: { stage: "prod", domainName: HOST },
    ...bodyOf(request),
  }),
  "load balancer": (request) => ({
    path: request.url.pathname,
    httpMethod: request.method,
    headers: lastOf(request.headers),
    queryStringParameters: lastOf(undecoded(request.url)),
    requestContext: { elb: {} },
    ...bodyOf(request),
  }),
  "load balancer with multi-value headers": (request) => ({
    path: request.url.pathname,
    httpMethod: request.method,
    multiValueHeaders: allOf(request.headers),
    multiValueQueryStringParameters: allOf(undecoded(request.url)),
    requestContext: { elb: {} },
    ...bodyOf(request),
  }),
};

export const HOST = "api.example";

/** Requests as events of one of the fronts, and the function's answers as responses. */
export function lambdaAdapter(front: string): Adapter {
  const toLambdaEvent = lambdaEvents[front]!;
  return async (app) => {
    const handler = lambdaHttpHandler(async () => app);
    return {
      hostname:
        front === "HTTP API" || front === "function URL"
          ? new URL(`https://${domainOf(toLambdaEvent)}`).hostname
          : HOST,
      protocol: "https",
      async request(path, init) {
        const event = toLambdaEvent(await wireRequest(path, init));
        // What crosses to the function and back is JSON.
        const answer = JSON.parse(JSON.stringify(await handler(JSON.parse(JSON.stringify(event)))));
        return responseOf(answer);
      },
      close: async () => {},
    };
  };
}

function domainOf(eventOf: (request: WireRequest) => LambdaHttpEvent): string {
  return eventOf({ method: "GET", url: new URL(`https://${HOST}/`), headers: [], body: Buffer.alloc(0) })
    .requestContext!.domainName as string;
}

export async function wireRequest(path: string, init: RequestInit): Promise<WireRequest> {
  const request = new Request(`https://${HOST}${path}`, init);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (request.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    // No front takes more.
    if (size > LIMITS.bodyBytes) break;
  }
  const body = Buffer.concat(chunks);
  const headers = new Headers(request.headers);
  headers.set("host", HOST);
  if (body.length > 0) headers.set("content-length", String(body.length));
  return { method: request.method, url: new URL(request.url), headers: [...headers], body };
}

export function responseOf(answer: LambdaHttpAnswer): Response {
  const headers = new Headers(answer.headers ?? {});
  for (const [name, values] of Object.entries(answer.multiValueHeaders ?? {})) {
    headers.delete(name);
    for (const value of values) headers.append(name, value);
  }
  for (const cookie of answer.cookies ?? []) headers.append("set-cookie", cookie);
  const body = Buffer.from(answer.body ?? "", answer.isBase64Encoded ? "base64" : "utf8");
  return new Response(body.length === 0 ? null : body, { status: answer.statusCode, headers });
}

function v2(request: WireRequest, domainName: string): LambdaHttpEvent {
  const isCookie = ([name]: [string, string]) => name === "cookie";
  return {
    rawPath: request.url.pathname,
    rawQueryString: request.url.search.slice(1),
    cookies: request.headers.filter(isCookie).flatMap(([, value]) => value.split("; ")),
    headers: joinedOf(request.headers.filter((header) => !isCookie(header))),
    requestContext: { http: { method: request.method }, domainName },
    ...bodyOf(request),
  };
}

function bodyOf({ headers, body }: WireRequest): Pick<LambdaHttpEvent, "body" | "isBase64Encoded"> {
  if (body.length === 0) return { body: null, isBase64Encoded: false };
  const type = new Headers(headers).get("content-type") ?? "";
  const isText = /^(text\/|application\/(json|x-ndjson))/.test(type) && !new Headers(headers).has("content-encoding");
  return isText
    ? { body: body.toString("utf8"), isBase64Encoded: false }
    : { body: body.toString("base64"), isBase64Encoded: true };
}

type Pairs = [name: string, value: string][];

const lastOf = (pairs: Pairs) => (pairs.length === 0 ? null : Object.fromEntries(pairs));
const joinedOf = (pairs: Pairs) =>
  Object.fromEntries(Object.entries(allOf(pairs) ?? {}).map(([name, values]) => [name, values.join(",")]));

function allOf(pairs: Pairs): Record<string, string[]> | null {
  const all: Record<string, string[]> = {};
  for (const [name, value] of pairs) all[name] = [...(all[name] ?? []), value];
  return pairs.length === 0 ? null : all;
}

/** A load balancer leaves the query as it was sent. */
function undecoded({ search }: URL): Pairs {
  const parts = search.slice(1).split("&").filter(Boolean);
  return parts.map((part) => {
    const at = part.indexOf("=");
    return at === -1 ? [part, ""] : [part.slice(0, at), part.slice(at + 1)];
  });
}
