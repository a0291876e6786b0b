import * as z from "zod/mini";

/**
 * How an API proves itself to an RPC, by kind: what it must know. The key of "shared-key" is among
 * the secrets.
 */
export const invokeAuths = {
  /** An AWS Lambda proxy integration; the permission names the API that may call. */
  lambda: z.object({ auth: z.literal("lambda"), functionName: z.string(), invokeArn: z.string() }),
  /**
   * A function URL signed with SigV4 by a role assumed with a Google identity: no long-lived key.
   */
  sigv4: z.object({
    auth: z.literal("sigv4"),
    url: z.string(),
    region: z.string(),
    roleArn: z.string(),
    audience: z.string(),
  }),
  /** A Google ID token in X-Serverless-Authorization. */
  "google-id": z.object({ auth: z.literal("google-id"), url: z.string(), audience: z.string() }),
  /** A key in the header X-Integraviz-Key, for callers without a cloud identity. */
  "shared-key": z.object({ auth: z.literal("shared-key"), url: z.string() }),
};
export type InvokeAuthKind = keyof typeof invokeAuths;
export type InvokeAuth = { [K in InvokeAuthKind]: z.output<(typeof invokeAuths)[K]> }[InvokeAuthKind];

/** Those of our own gateway: a Lambda integration is API Gateway's. */
export const GatewayAuth = z.discriminatedUnion("auth", [
  invokeAuths.sigv4,
  invokeAuths["google-id"],
  invokeAuths["shared-key"],
]);
export type GatewayAuth = z.output<typeof GatewayAuth>;
