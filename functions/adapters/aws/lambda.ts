import type { Hono } from "hono";
import { handle, type LambdaEvent } from "hono/aws-lambda";
import { type LambdaHttpEvent, normalized, shapeOf } from "./lambda-events.ts";

/** The answer as Lambda takes it. */
export interface LambdaHttpAnswer {
  statusCode: number;
  body: string;
  isBase64Encoded: boolean;
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  cookies?: string[];
}

/** A Lambda function behind API Gateway (HTTP or REST API), a function URL or a load balancer. */
export function lambdaHttpHandler(
  app: () => Promise<Hono>,
): (event: LambdaHttpEvent, context?: unknown) => Promise<LambdaHttpAnswer> {
  return async (event) => {
    const shape = shapeOf(event);
    const one = await app();
    let cookies: string[] = [];
    const handler = handle({
      fetch: async (request: Request) => {
        const answer = await one.fetch(request);
        cookies = answer.headers.getSetCookie();
        return answer;
      },
    } as unknown as Hono);
    const answer = (await handler(normalized(event, shape) as LambdaEvent)) as unknown as LambdaHttpAnswer;
    if (shape === "load-balancer" && !event.multiValueHeaders && cookies.length > 1)
      console.warn(
        `${cookies.length - 1} cookies are left out: turn on multi-value headers in the load balancer's target group.`,
      );
    return answer;
  };
}
