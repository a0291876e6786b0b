/**
 * The shapes in which AWS hands an HTTP request to a Lambda function, each made so that Hono's
 * adapter reads it rightly. Sources: "Working with AWS Lambda proxy integrations" (payload formats
 * 1.0 and 2.0), "Using Lambda functions as targets" (load balancer), "Lambda function URLs".
 */

type Many = Record<string, (string | null)[] | null | undefined> | null;
type One = Record<string, string | null | undefined> | null;

export interface LambdaHttpEvent {
  /** 2.0 and function URLs. */
  rawPath?: string;
  rawQueryString?: string;
  cookies?: string[];
  /** 1.0 and load balancers. */
  path?: string;
  httpMethod?: string;
  multiValueHeaders?: Many;
  queryStringParameters?: One;
  multiValueQueryStringParameters?: Many;
  headers?: One;
  requestContext?: { http?: { method: string }; elb?: object; domainName?: string } & Record<string, unknown>;
  body?: string | null;
  isBase64Encoded?: boolean;
}

export type Shape = "http-api" | "function-url" | "rest-api" | "load-balancer";

/** By the shape of requestContext, because paths alone mislead behind a custom domain. */
export function shapeOf({ requestContext, rawPath, path, httpMethod }: LambdaHttpEvent): Shape {
  if (requestContext?.http && rawPath !== undefined)
    return requestContext.domainName?.includes(".lambda-url.") ? "function-url" : "http-api";
  if (requestContext?.elb && path !== undefined) return "load-balancer";
  if (requestContext && path !== undefined && httpMethod !== undefined) return "rest-api";
  throw new Error(
    "The event is not an HTTP request of API Gateway (payload 1.0 or 2.0), of a function URL or of a load balancer.",
  );
}

/** What Hono's adapter (4.13) misreads, put right: everything else is left as it came. */
export function normalized(event: LambdaHttpEvent, shape: Shape): LambdaHttpEvent {
  const method = (event.requestContext?.http?.method ?? event.httpMethod ?? "GET").toUpperCase();
  return {
    ...event,
    ...(event.rawPath === undefined ? {} : { rawPath: pathOf(event.rawPath, shape) }),
    ...(event.path === undefined ? {} : { path: pathOf(event.path, shape) }),
    ...(event.multiValueHeaders ? { multiValueHeaders: headersOf(event.multiValueHeaders) } : {}),
    ...(event.queryStringParameters ? { queryStringParameters: valued(event.queryStringParameters) } : {}),
    ...(event.multiValueQueryStringParameters
      ? { multiValueQueryStringParameters: allValued(event.multiValueQueryStringParameters) }
      : {}),
    // A Request of these methods takes no body, and no route of ours reads one.
    ...(method === "GET" || method === "HEAD" ? { body: null } : {}),
  };
}

/**
 * HTTP APIs give the path decoded, the others as it was sent; neither may end up as another part of
 * the URL.
 */
function pathOf(path: string, shape: Shape): string {
  const decoded = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/gu;
  const sent = /[^A-Za-z0-9\-._~!$&'()*+,;=:@/%]|%(?![0-9A-Fa-f]{2})/gu;
  return path.toWellFormed().replace(shape === "http-api" ? decoded : sent, encodeURIComponent);
}

/** One header that came several times is one list; of a load balancer's Hono would make `a; b`. */
function headersOf(headers: NonNullable<Many>): NonNullable<Many> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, values]) => {
      const glue = name.toLowerCase() === "cookie" ? "; " : ", ";
      return [name, [(values ?? []).filter((value) => value !== null).join(glue)]];
    }),
  );
}

/** `?flag` is there, with nothing in it. */
function valued(query: NonNullable<One>): One {
  return Object.fromEntries(Object.entries(query).map(([key, value]) => [key, value ?? ""]));
}

function allValued(query: NonNullable<Many>): Many {
  return Object.fromEntries(
    Object.entries(query).map(([key, values]) => [key, (values ?? [""]).map((value) => value ?? "")]),
  );
}
