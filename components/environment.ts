/** Writes the environment that bundles start with (contract/environment.ts). */
import { jsonStringify, type Output, secret } from "@pulumi/pulumi";
import type { Content, Variable } from "../contract/environment.ts";
import { splitLogin } from "../contract/login.ts";
import type { SigningKey } from "../contract/tokens.ts";
import type { Inputs, InvokeAuth, Login } from "./link.ts";

/** The content of INTEGRAVIZ_SECRETS while it is a secret of the deployment. */
export interface Secrets {
  store?: Record<string, Output<string>>;
  reader?: Record<string, Output<string>>;
  tokenKeys?: Output<SigningKey>[];
  gatewayKeys?: Record<string, Output<string>>;
  roles?: Record<string, Output<string>>;
  visualizer?: { password: Output<string> };
}

export function secretsJson(secrets: Secrets): Output<string> {
  return secret(jsonStringify(secrets));
}

/** One variable with its content as JSON. */
export function variable<V extends Variable>(name: V, content: Inputs<Content<V>>): Record<V, Output<string>> {
  return { [name]: jsonStringify(content) } as Record<V, Output<string>>;
}

/** Separates what stands in the environment from what is kept in a secret store. */
export function loginEnvironment<As extends "store" | "reader">(
  as: As,
  login: Login,
): { env: Record<string, Output<string>>; secrets: Pick<Secrets, As> } {
  const { plain, secrets } = splitLogin<unknown>(login);
  const name = as === "store" ? "INTEGRAVIZ_STORE" : "INTEGRAVIZ_READER";
  return {
    env: variable(name, { driver: login.driver, ...plain }),
    secrets: (Object.keys(secrets).length > 0 ? { [as]: secrets } : {}) as Pick<Secrets, As>,
  };
}

/** Separates how the gateway proves itself from the key that it needs for it. */
export function invokeAuthEnvironment({ ready: _, ...invokeAuth }: InvokeAuth): {
  env: Record<string, Output<string>>;
  secrets: Pick<Secrets, "gatewayKeys">;
} {
  if (invokeAuth.auth === "lambda") throw new Error("A gateway cannot use a Lambda integration.");
  if (invokeAuth.auth !== "shared-key") return { env: variable("INTEGRAVIZ_DOOR", invokeAuth), secrets: {} };
  const { key, ...plain } = invokeAuth;
  return { env: variable("INTEGRAVIZ_DOOR", plain), secrets: { gatewayKeys: { current: key } } };
}
