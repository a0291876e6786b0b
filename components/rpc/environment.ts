import type { Input, Resource } from "@pulumi/pulumi";
import { loginEnvironment, type Secrets, variable } from "../environment.ts";
import type { NetworkAccess, Principal } from "../link.ts";
import type { Context } from "../making/context.ts";
import type { RpcArgs } from "./rpc.ts";

export interface FunctionNeeds {
  env: Record<string, Input<string>>;
  secrets: Secrets;
  access: NetworkAccess;
  ready: Resource[];
}

/**
 * What the handler is started with, whatever runs it: a writer's login, a reader's for POST
 * /v1/sql, the keys of tokens, the limits.
 */
export function handlerNeeds(context: Context, args: RpcArgs, principal: Principal): FunctionNeeds {
  const { env, secrets, ...needs } = storeNeeds(args, principal, "rpc");
  return {
    ...needs,
    env: { ...env, ...variable("INTEGRAVIZ_LIMITS", args.limits) },
    secrets: { ...secrets, tokenKeys: context.tokenKeys },
  };
}

/** What the worker behind a queue is started with: the logins alone, as nobody shows it a token. */
export function workerNeeds(args: RpcArgs, principal: Principal): FunctionNeeds {
  return storeNeeds(args, principal, "worker");
}

function storeNeeds({ storage }: RpcArgs, principal: Principal, consumer: string): FunctionNeeds {
  const writer = storage.link("writer", principal, consumer);
  const reader = storage.link("reader", principal, consumer);
  const asStore = loginEnvironment("store", writer.login);
  const asReader = loginEnvironment("reader", reader.login);
  return {
    env: { ...asStore.env, ...asReader.env },
    secrets: { ...asStore.secrets, ...asReader.secrets },
    access: writer.access,
    ready: [...new Set([...writer.ready, ...reader.ready])],
  };
}
