/**
 * What crosses the border between two components: data and permission in one typed value.
 * No pair of implementations knows the other; each knows only the invoke auths, networks and logins below.
 */
import type { Input, Output, Resource } from "@pulumi/pulumi";

export type In = Input<string>;

/** Who a consumer is to the one that grants. It exists before any grant, so links make no cycle. */
export type Principal =
  | { cloud: "aws"; accountId: In; roleArn: In; roleName: In }
  | { cloud: "gcp"; project: In; email: In; uniqueId: In }
  | { cloud: "none" };

/** How an API proves itself to an RPC, each with what the caller must know. */
export interface InvokeAuths {
  /** An AWS Lambda proxy integration; the permission names the API that may call. */
  lambda: { functionName: In; invokeArn: In };
  /** A function URL signed with SigV4 by a role assumed with a Google identity: no long-lived key. */
  sigv4: { url: In; region: In; roleArn: In; audience: In };
  /** A Google ID token in X-Serverless-Authorization. */
  "google-id": { url: In; audience: In };
  /** A key in the header X-Integraviz-Key, for callers without a cloud identity. */
  "shared-key": { url: In; key: Output<string> };
}
export type InvokeAuthKind = keyof InvokeAuths;
/** `ready`: what must exist before the first request gets in. */
export type InvokeAuth = { [A in InvokeAuthKind]: { auth: A; ready: Resource[] } & InvokeAuths[A] }[InvokeAuthKind];

/** What one request may carry through a component, and how it streams. */
export interface Limits {
  /** Bytes of a request's body. */
  bodyBytes: number;
  /** Seconds until an answer must be whole. */
  seconds: number;
  /** "poll": server-sent events are flushed, closed and resumed. */
  stream: "live" | "poll";
}

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
export type NetworkAccess =
  | { via: "internet" }
  | { via: "docker"; network: In }
  | { via: "aws-vpc"; vpcId: In; subnetIds: Input<Input<string>[]>; clientSecurityGroupId: In }
  | { via: "gcp-vpc"; network: In; subnetwork: In };

/** How strictly the server's certificate is checked; the CA is PEM, for servers whose CA is not a public one. */
export interface Tls {
  mode: "verify-full" | "verify-ca" | "off";
  ca?: In;
}

/** How to log in, by driver. Secrets are secret outputs, to be kept in the consumer's own secret store. */
export type Login =
  | {
      driver: "postgres";
      host: In;
      port: Input<number>;
      database: In;
      user: In;
      password: Output<string>;
      tls: Tls;
    }
  | {
      driver: "snowflake";
      account: In;
      user: In;
      privateKey: Output<string>;
      role: In;
      warehouse: In;
      database: In;
      schema: In;
    }
  | { driver: "bigquery"; project: In; dataset: In; views: In; location: In; auth: BigQueryAuth };

export type BigQueryAuth =
  /** The consumer runs as a Google service account that holds the grant. */
  | { by: "ambient" }
  /** The consumer's AWS role is exchanged for the service account: workload identity federation, no key. */
  | { by: "aws"; audience: In; serviceAccount: In }
  /** A service account key, for consumers with no identity Google could trust. */
  | { by: "key"; key: Output<string> };

export type SqlRole = "owner" | "writer" | "reader";

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

/** A login without its secrets, and its secrets alone. */
export function splitLogin(login: Login): { plain: Record<string, unknown>; secrets: Record<string, Output<string>> } {
  switch (login.driver) {
    case "postgres": {
      const { password, ...plain } = login;
      return { plain, secrets: { password } };
    }
    case "snowflake": {
      const { privateKey, ...plain } = login;
      return { plain, secrets: { privateKey } };
    }
    case "bigquery": {
      if (login.auth.by !== "key") return { plain: { ...login }, secrets: {} };
      return { plain: { ...login, auth: { by: "key" } }, secrets: { key: login.auth.key } };
    }
  }
}

/** The first invoke auth of the caller's that the RPC accepts. Config is checked before, so there is always one. */
export function firstInvokeAuth(
  speaks: readonly InvokeAuthKind[],
  accepts: readonly InvokeAuthKind[],
): InvokeAuthKind | undefined {
  return speaks.find((invokeAuth) => accepts.includes(invokeAuth));
}
