import { ComponentResource, type ComponentResourceOptions, type Output } from "@pulumi/pulumi";
import type { ApiCapabilities } from "../checking/capabilities.ts";
import type { AnyImplementation } from "../implementation.ts";
import type { InvokeAuthKind, RpcEndpoint } from "../link.ts";

/**
 * The public address. It hands each request on whole, proving itself by the best invoke auth it has
 * in common with the RPC.
 */
export abstract class Api extends ComponentResource {
  static readonly type = "integraviz:api:Api";
  /** Without a slash at the end. */
  abstract readonly url: Output<string>;

  constructor(name: string, opts: ComponentResourceOptions) {
    super(Api.type, name, {}, opts);
  }
}

/** What every API is given: the RPC behind it, and how to prove itself there. */
export interface ApiArgs {
  rpc: RpcEndpoint;
  invokeAuth: InvokeAuthKind;
}

/** All that is known of one kind of API. */
export type ApiImplementation = AnyImplementation<ApiCapabilities, ApiArgs, Api>;
