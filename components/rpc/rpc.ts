import { ComponentResource, type ComponentResourceOptions } from "@pulumi/pulumi";
import type { Limits } from "../../contract/limits.ts";
import type { StoreKind } from "../../contract/login.ts";
import type { Delivery, RpcCapabilities } from "../checking/capabilities.ts";
import type { AnyImplementation } from "../implementation.ts";
import type { Caller, InvokeAuth, InvokeAuthKind, RpcEndpoint, StorageLinks } from "../link.ts";

/**
 * Runs the handler, and owns the queue where delivery is queued. One type token for all
 * implementations, so that a swap replaces only its children.
 */
export abstract class Rpc extends ComponentResource implements RpcEndpoint {
  static readonly type = "integraviz:rpc:Rpc";
  abstract readonly accepts: readonly InvokeAuthKind[];
  abstract readonly limits: Limits;
  abstract admit(auth: InvokeAuthKind, caller: Caller): InvokeAuth;

  constructor(name: string, opts: ComponentResourceOptions) {
    super(Rpc.type, name, {}, opts);
  }
}

/** What every RPC is given: the storage it appends to, and how it is called. */
export interface RpcArgs {
  storage: StorageLinks & { store: StoreKind };
  delivery: Delivery;
  /** How its caller proves itself. */
  invokeAuth: InvokeAuthKind;
  /** Of the way through the API to here. */
  limits: Limits;
}

/** All that is known of one kind of RPC. */
export type RpcImplementation = AnyImplementation<RpcCapabilities, RpcArgs, Rpc>;
