import { AwsV4Signer } from "aws4fetch";
import { type Door, EnvironmentError, type Secrets, type Variables } from "../adapters/environment.ts";
import type { Carried } from "../adapters/forwarded-headers.ts";
import { identityTokens } from "../clouds/google.ts";
import { assumedRole } from "../clouds/web-identity.ts";

/** A way in to an RPC, from the caller's side. */
export interface OpenDoor {
  /** Headers of the caller's that must travel under another name. */
  carries: readonly Carried[];
  /** Where a path and query of ours lie there. */
  target(pathAndQuery: string): URL;
  /** Headers that open it for one request. */
  keys(request: { method: string; url: URL; body: Uint8Array | null }): Promise<Record<string, string>>;
}

const BODY = ["content-type", "content-encoding"] as const;

/** @param secrets asked only where the door has a key */
export function openDoor(door: Door, env: Variables, secrets: Secrets): OpenDoor {
  const target = (pathAndQuery: string) => new URL(`${door.url.replace(/\/+$/, "")}${pathAndQuery}`);
  switch (door.auth) {
    case "sigv4": {
      const credentials = assumedRole(env, door);
      return {
        carries: ["authorization"],
        target(pathAndQuery) {
          const url = target(pathAndQuery);
          // To SigV4 a plus sign is a plus sign, to forms it is a space.
          url.search = url.search.replaceAll("+", "%20");
          return url;
        },
        async keys({ method, url, body }) {
          // Only host and x-amz-* are signed: proxies on the way may touch the other headers.
          const signer = new AwsV4Signer({
            ...(await credentials()),
            service: "lambda",
            region: door.region,
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
      const token = identityTokens(env, door.audience);
      return {
        carries: BODY,
        target,
        keys: async () => ({ "x-serverless-authorization": `Bearer ${await token()}` }),
      };
    }
    case "shared-key": {
      const key = Object.values(secrets.gatewayKeys ?? {})[0];
      if (key === undefined) throw new EnvironmentError("INTEGRAVIZ_SECRETS", "has no gatewayKeys.");
      return { carries: BODY, target, keys: async () => ({ "x-integraviz-key": key }) };
    }
    case "none":
      return { carries: [], target, keys: async () => ({}) };
  }
}
