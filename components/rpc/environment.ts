import type { Input, Resource } from "@pulumi/pulumi";
import type { Context } from "../context.ts";
import {
  limitsEnvironment,
  readerEnvironment,
  readerSecrets,
  type Secrets,
  storeEnvironment,
  storeSecrets,
} from "../environment.ts";
import type { Principal, Reach } from "../link.ts";
import type { RpcArgs } from "./rpc.ts";

export interface HandlerNeeds {
  env: Record<string, Input<string>>;
  secrets: Secrets;
  reach: Reach;
  ready: Resource[];
}

/** What the handler is started with, whatever runs it: a writer's login, a reader's for POST /v1/sql, the keys of tokens, the limits. */
export function handlerNeeds(context: Context, { storage, limits }: RpcArgs, principal: Principal): HandlerNeeds {
  const writer = storage.link("writer", principal, "rpc");
  const reader = storage.link("reader", principal, "rpc");
  return {
    env: { ...storeEnvironment(writer.login), ...readerEnvironment(reader.login), ...limitsEnvironment(limits) },
    secrets: { ...storeSecrets(writer.login), ...readerSecrets(reader.login), tokenKeys: context.tokenKeys },
    reach: writer.reach,
    ready: [...new Set([...writer.ready, ...reader.ready])],
  };
}
