import type { Input, Output } from "@pulumi/pulumi";
import type { AwsJobClasses } from "../host/aws/job.ts";
import type { AwsPostgresClasses } from "../host/aws/postgres.ts";
import type { ServiceClasses } from "../host/aws/service.ts";
import type { DockerJobClasses, DockerPostgresClasses, DockerServiceClasses } from "../host/docker/docker.ts";
import type { GcpJobClasses } from "../host/gcp/job.ts";
import type { GcpPostgresClasses } from "../host/gcp/postgres.ts";
import type { GcpServiceClasses } from "../host/gcp/service.ts";
import type { HostKind, Service, ServiceArgs } from "../host/host.ts";
import type { Login, Principal, SqlLink, StorageLinks } from "../link.ts";
import type { Children } from "../making/children.ts";
import type { Context } from "../making/context.ts";
import { type Aws, type Gcp, type Random, sdk } from "../making/sdk.ts";
import type { SqlAlchemyDriver } from "../storage/storage.ts";

/** The children of a visualizer, by the host it runs on. */
export interface OwnClasses {
  secretKey: typeof Random.RandomPassword;
  adminPassword: typeof Random.RandomPassword;
}
export type OnAwsClasses = OwnClasses &
  ServiceClasses &
  AwsPostgresClasses &
  AwsJobClasses & {
    identity: typeof Aws.iam.Role;
    applier: typeof Aws.iam.Role;
    vpcAccess: typeof Aws.iam.RolePolicyAttachment;
  };
export type OnGcpClasses = OwnClasses &
  GcpServiceClasses &
  GcpPostgresClasses &
  GcpJobClasses & { applier: typeof Gcp.serviceaccount.Account };
export type OnDockerClasses = OwnClasses & DockerServiceClasses & DockerPostgresClasses & DockerJobClasses;

/** A product as data: what its container needs, whatever the host. */
export interface Product
  extends Pick<ServiceArgs, "image" | "port" | "health" | "startupSeconds" | "cpu" | "memory" | "command" | "init"> {
  name: "superset" | "metabase";
  /** The address where it will be reached is not known to it; its own database and secrets are. */
  environment: (needs: ProductNeeds) => { env: Record<string, Input<string>>; secrets: Record<string, Output<string>> };
}

export interface ProductNeeds {
  metadata: Login & { driver: "postgres" };
  secretKey: Output<string>;
  admin: { user: string; password: Output<string> };
  /** What Superset reads the storage by. */
  sqlAlchemy: SqlAlchemyDriver;
}

export interface HostedArgs {
  context: Context;
  host: HostKind;
  allow: string[];
  localPort?: number | undefined;
  database: { awsClass: string; gcpTier: string; storageGb: number };
  adminUser: string;
  storage: StorageLinks;
  sqlAlchemy: SqlAlchemyDriver;
  /** Whether it can log in to the storage as the service it is, or only with a key. */
  readsAs: "identity" | "key";
}

export interface Hosted {
  service: Service;
  /** Whom the step that applies dashboards runs as. */
  applier: Principal;
  reader: SqlLink<"reader">;
  admin: { user: string; password: Output<string> };
}

/**
 * Runs a product on a host, with a database of its own for users and dashboards, and a reader's
 * login to the storage.
 */
export function hostProduct(children: Children<OwnClasses>, product: Product, args: HostedArgs): Hosted {
  const host = args.context.hosts.of(args.host);
  const { RandomPassword } = sdk.random();
  const principal = host.identity(children, "identity");
  const applier = host.taskIdentity(children, "applier");
  const reader = args.storage.link("reader", args.readsAs === "identity" ? principal : { cloud: "none" }, "visualizer");
  const { awsClass, gcpTier, storageGb } = args.database;
  const database = host.postgres(children, {
    database: product.name,
    owner: product.name,
    version: "17",
    size: {
      aws: { instanceClass: awsClass, storageGb, maxStorageGb: storageGb * 5, backupDays: 7, multiAz: false },
      gcp: { tier: gcpTier, storageGb, backupDays: 7, highAvailability: false },
    },
    keep: "backup",
  });
  const secretKey = children.make("secretKey", RandomPassword, { length: 48, special: false }).result;
  const admin = {
    user: args.adminUser,
    password: children.make("adminPassword", RandomPassword, {
      length: 24,
      special: true,
      overrideSpecial: "-_.",
      // Metabase asks for at least one of each, and refuses its set-up for good without.
      minNumeric: 2,
      minUpper: 2,
      minLower: 2,
      minSpecial: 2,
    }).result,
  };
  const { env, secrets } = product.environment({
    metadata: database.login,
    secretKey,
    admin,
    sqlAlchemy: args.sqlAlchemy,
  });
  const service = host.service(children, {
    image: product.image,
    port: product.port,
    health: product.health,
    startupSeconds: product.startupSeconds,
    cpu: product.cpu,
    memory: product.memory,
    ...(product.command ? { command: product.command } : {}),
    ...(product.init ? { init: product.init } : {}),
    env,
    secrets,
    principal,
    task: applier,
    allow: args.allow,
    ...(args.localPort === undefined ? {} : { localPort: args.localPort }),
    dependsOn: [...database.ready, ...reader.ready],
  });
  return { service, applier, reader, admin };
}
