/**
 * Where things run: services, jobs, a PostgreSQL, secrets. Visualizers, databases and migrations
 * are data over it.
 */
import {
  ComponentResource,
  type ComponentResourceOptions,
  type Input,
  type Output,
  type Resource,
} from "@pulumi/pulumi";
import type { In, Login, NetworkAccess, Principal } from "../link.ts";
import type { Children } from "../making/children.ts";

export type HostKind = "aws" | "gcp" | "docker";

/** A long-running container with an HTTP port, private but for the people it is for. */
export interface ServiceArgs {
  image: string;
  port: number;
  /** Path that answers 200 when it is well. */
  health: string;
  /** Seconds it may take to answer for the first time. */
  startupSeconds: number;
  /** vCPU. */
  cpu: 1 | 2 | 4;
  /** MiB. */
  memory: number;
  /** Runs in place of the image's own command. */
  command?: string[];
  /** Runs to its end before each new release takes traffic; safe to run again. */
  init?: string[];
  env: Record<string, Input<string>>;
  /** Environment kept in the host's secret store. */
  secrets: Record<string, Output<string>>;
  /** Whom it runs as; made by `identity`. */
  principal: Principal;
  /** A task of this host's that gets in too; made by `taskIdentity`. */
  task: Principal;
  /**
   * Who may reach it: CIDRs on AWS, IAM members ("group:ml@example.com") on Google Cloud, a
   * loopback port on Docker.
   */
  allow: string[];
  /** A port of the machine's, where the host is one. */
  localPort?: number;
  dependsOn: Resource[];
}

export interface Service {
  url: Output<string>;
  /** The way in for the task. */
  inside: Inside;
  ready: Resource[];
}

export interface Inside {
  url: Output<string>;
  /** The network that a task has to be in. */
  access: NetworkAccess;
  /** The service account as which a task signs what Identity-Aware Proxy asks of it. */
  iap?: In;
}

/** Code of ours that must run once per content before something else is used. */
export interface JobArgs {
  /** Tells several of one component apart. */
  each: string;
  bundles: { aws: string; node: string };
  env: Record<string, Input<string>>;
  /** JSON for INTEGRAVIZ_SECRETS. */
  secrets: Output<string>;
  principal: Principal;
  /** The network it needs to reach the store. */
  access: NetworkAccess;
  /** Runs again when one of these changes, beside the bundle's own content. */
  again: Record<string, Input<string>>;
  dependsOn: Resource[];
}

export interface PostgresArgs {
  /** Name of the database and of its owner. */
  database: string;
  owner: string;
  /** PostgreSQL major. */
  version: string;
  size: PostgresSize;
  /**
   * "always": protected, and kept when the stack is destroyed. "backup": deleted with its stack or
   * on a swap, leaving a last backup.
   */
  keep: "always" | "backup";
  /** A port of the machine's, where the host is one. */
  localPort?: number;
}

export interface PostgresSize {
  aws: { instanceClass: string; storageGb: number; maxStorageGb: number; backupDays: number; multiAz: boolean };
  gcp: { tier: string; storageGb: number; backupDays: number; highAvailability: boolean };
}

export interface SqlServer {
  login: Login & { driver: "postgres" };
  access: NetworkAccess;
  ready: Resource[];
}

export interface SecretRef {
  /** ARN on AWS, secret id on Google Cloud. */
  id: In;
  /** Changes with the value. */
  version: In;
  ready: Resource[];
}

/**
 * Resource classes differ by host, so their types are erased at this border; `nodes` keeps them.
 */
// biome-ignore lint/suspicious/noExplicitAny: the children of any host
export type HostChildren = Children<any>;

export abstract class Host extends ComponentResource {
  static readonly type = "integraviz:host:Host";
  abstract readonly kind: HostKind;
  /** Where services of this host live: what they can reach besides the internet. */
  abstract networkAccess(): NetworkAccess;
  abstract identity(children: HostChildren, key: string): Principal;
  /** Whom a task runs as. */
  abstract taskIdentity(children: HostChildren, key: string): Principal;
  abstract service(children: HostChildren, args: ServiceArgs): Service;
  abstract job(children: HostChildren, args: JobArgs): Resource;
  abstract postgres(children: HostChildren, args: PostgresArgs): SqlServer;

  constructor(name: string, opts: ComponentResourceOptions) {
    super(Host.type, name, {}, opts);
  }
}
