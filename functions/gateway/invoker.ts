import { AwsV4Signer } from "aws4fetch";
import type { Secrets } from "../../contract/environment.ts";
import { type ForwardedHeader, GATEWAY_KEY, ID_TOKEN } from "../../contract/headers.ts";
import type { GatewayAuth } from "../../contract/invoke-auth.ts";
import { EnvironmentError, type Variables } from "../adapters/environment.ts";
import { identityTokens } from "../clouds/google.ts";
import { assumedRole } from "../clouds/web-identity.ts";

/** Proves the gateway to an RPC. */
export interface Invoker {
  /** Headers of the caller's that must travel under another name. */
  renames: readonly ForwardedHeader[];
  /** Where a path and query of ours lie there. */
  target(pathAndQuery: string): URL;
  /** Headers that prove one request. */
  headers(request: { method: string; url: URL; body: Uint8Array | null }): Promise<Record<string, string>>;
}

const BODY = ["content-type", "content-encoding"] as const;

/** @param secrets asked only where there is a shared key */
export function createInvoker(invokeAuth: GatewayAuth, env: Variables, secrets: Secrets): Invoker {
  const target = (pathAndQuery: string) => new URL(`${invokeAuth.url.replace(/\/+$/, "")}${pathAndQuery}`);
  switch (invokeAuth.auth) {
    case "sigv4": {
      const credentials = assumedRole(env, invokeAuth);
      return {
        renames: ["authorization"],
        target(pathAndQuery) {
          const url = target(pathAndQuery);
          // To SigV4 a plus sign is a plus sign, to forms it is a space.
          url.search = url.search.replaceAll("+", "%20");
          return url;
        },
        async headers({ method, url, body }) {
          // Only host and x-amz-* are signed: proxies on the way may touch the other headers.
          const signer = new AwsV4Signer({
            ...(await credentials()),
            service: "lambda",
            region: invokeAuth.region,
            method,
            url: String(url),
            ...(body === null ? {} : { body: body as BodyInit }),
          });
          const { headers } = await signer.sign();
          return Object.fromEntries(headers);
        },
      };
    }
    case "google-id": {
      const token = identityTokens(env, invokeAuth.audience);
      return {
        renames: BODY,
        target,
        headers: async () => ({ [ID_TOKEN]: `Bearer ${await token()}` }),
      };
    }
    case "shared-key": {
      const key = Object.values(secrets.gatewayKeys ?? {})[0];
      if (key === undefined) throw new EnvironmentError("INTEGRAVIZ_SECRETS", "has no gatewayKeys.");
      return { renames: BODY, target, headers: async () => ({ [GATEWAY_KEY]: key }) };
    }
  }
}
