/**
 * What crosses the border between two components: data and permission in one typed value. No pair
 * of implementations knows the other; each knows only the invoke auths, networks and logins below.
 */
import type { Input, Output, Resource } from "@pulumi/pulumi";
import type * as contract from "../contract/invoke-auth.ts";
import type { Limits } from "../contract/limits.ts";
import type { LoginTo, SecretOf, StoreKind } from "../contract/login.ts";

export type In = Input<string>;
export type InvokeAuthKind = contract.InvokeAuthKind;

/**
 * A value of the contract, its texts and numbers known only when it is deployed. What tells kinds
 * apart is known before.
 */
export type Inputs<T> = T extends string
  ? string extends T
    ? In
    : T
  : T extends number
    ? Input<number>
    : T extends object
      ? { [K in keyof T]: Inputs<T[K]> }
      : T;

/** Who a consumer is to the one that grants. It exists before any grant, so links make no cycle. */
export type Principal =
  | { cloud: "aws"; accountId: In; roleArn: In; roleName: In }
  | { cloud: "gcp"; project: In; email: In; uniqueId: In }
  | { cloud: "none" };

/**
 * How an API proves itself to an RPC. `ready`: what must exist before the first request gets in.
 */
export type InvokeAuth = { [K in InvokeAuthKind]: InvokeAuthBy<K> & { ready: Resource[] } }[InvokeAuthKind];
type InvokeAuthBy<K extends InvokeAuthKind> = Inputs<Extract<contract.InvokeAuth, { auth: K }>> &
  (K extends "shared-key" ? { key: Output<string> } : unknown);

export interface RpcEndpoint {
  /** Which of them is used is for the caller to say. */
  accepts: readonly InvokeAuthKind[];
  limits: Limits;
  /** Lets the caller in and says how it proves itself. */
  admit(auth: InvokeAuthKind, caller: Caller): InvokeAuth;
}

/** A caller of an RPC: its identity, and for API Gateway the ARN that may invoke. */
export interface Caller {
  principal: Principal;
  /** The execution ARN of an API Gateway; required by the invoke auth "lambda". */
  sourceArn?: In;
}

/** Networks a SQL connection can go through. */
export type Network = NetworkAccess["via"];
/** Which networks a part can be reached through, with what a client there needs to know. */
export type NetworkAccess =
  | { via: "internet" }
  | { via: "docker"; network: In }
  | { via: "aws-vpc"; vpcId: In; subnetIds: Input<Input<string>[]>; clientSecurityGroupId: In }
  | { via: "gcp-vpc"; network: In; subnetwork: In };

/**
 * How to log in, by driver. Secrets are secret outputs, to be kept in the consumer's own secret
 * store.
 */
export type Login = { [K in StoreKind]: LoginWith<LoginTo<K>, SecretOf<K>> }[StoreKind];
type LoginWith<L, Secret> = {
  [F in keyof L]: F extends Secret ? Output<string> | Extract<L[F], undefined> : Inputs<L[F]>;
};

export type SqlRole = "owner" | "writer" | "reader";

/** A login to the storage and the way there, for one role of one consumer. */
export interface SqlLink<R extends SqlRole = SqlRole> {
  role: R;
  login: Login;
  access: NetworkAccess;
  /** What must exist before the first query works: grants and migrations. */
  ready: Resource[];
}

export interface StorageLinks {
  /** `consumer` names the one who asks ("rpc", "visualizer"), and so the grants made for it. */
  link<R extends SqlRole>(role: R, to: Principal, consumer: string): SqlLink<R>;
}

/**
 * The first invoke auth of the caller's that the RPC accepts. Config is checked before, so there is
 * always one.
 */
export function firstInvokeAuth(
  speaks: readonly InvokeAuthKind[],
  accepts: readonly InvokeAuthKind[],
): InvokeAuthKind | undefined {
  return speaks.find((invokeAuth) => accepts.includes(invokeAuth));
}
