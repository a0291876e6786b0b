import { interpolate } from "@pulumi/pulumi";
import { physicalName, labels as userLabels } from "../../making/naming.ts";
import { type Gcp, type Random, sdk } from "../../making/sdk.ts";
import type { HostChildren, PostgresArgs, SqlServer } from "../host.ts";
import type { GcpProject } from "./project.ts";

export interface GcpPostgresClasses {
  databaseSuffix: typeof Random.RandomId;
  databasePassword: typeof Random.RandomPassword;
  databaseServer: typeof Gcp.sql.DatabaseInstance;
  database: typeof Gcp.sql.Database;
  databaseOwner: typeof Gcp.sql.User;
  databaseSpace: typeof Gcp.monitoring.AlertPolicy;
}

/**
 * Cloud SQL for PostgreSQL on a private address: TLS forced, backed up to the point in time, kept
 * on deletion.
 */
export function gcpPostgres(host: GcpProject, children: HostChildren, args: PostgresArgs): SqlServer {
  const gcp = sdk.gcp();
  const random = sdk.random();
  const size = args.size.gcp;
  const always = args.keep === "always";
  const access = host.networkAccess(always);
  const kept = { protect: always, retainOnDelete: always };

  const password = children.make("databasePassword", random.RandomPassword, { length: 40, special: false }, kept);
  // Google keeps the name of a deleted instance for a week, so a fixed one could not be made again.
  const suffix = children.make("databaseSuffix", random.RandomId, { byteLength: 3 }, kept);
  const server = children.make(
    "databaseServer",
    gcp.sql.DatabaseInstance,
    {
      project: host.project,
      region: host.region,
      name: suffix.hex.apply((hex) =>
        physicalName("gcp:sql/databaseInstance:DatabaseInstance", [children.scope.prefix, children.stem, hex]),
      ),
      databaseVersion: `POSTGRES_${args.version}`,
      deletionProtection: always,
      settings: {
        edition: "ENTERPRISE",
        tier: size.tier,
        diskType: "PD_SSD",
        diskSize: size.storageGb,
        diskAutoresize: true,
        availabilityType: size.highAvailability ? "REGIONAL" : "ZONAL",
        deletionProtectionEnabled: always,
        finalBackupConfig: { enabled: true, retentionDays: 30 },
        backupConfiguration: {
          enabled: true,
          pointInTimeRecoveryEnabled: true,
          // At most as many days of logs as there are backups; its own default is 7.
          transactionLogRetentionDays: Math.min(7, size.backupDays),
          backupRetentionSettings: { retainedBackups: size.backupDays, retentionUnit: "COUNT" },
        },
        ipConfiguration: { ipv4Enabled: false, privateNetwork: access.network, sslMode: "ENCRYPTED_ONLY" },
        insightsConfig: { queryInsightsEnabled: true },
        userLabels: userLabels(children.scope.tags),
      },
    },
    // Autoresize grows the disk behind our back; taking that back would replace the server.
    { ...kept, ignoreChanges: ["settings.diskSize"], dependsOn: [host.enable("sqladmin"), ...host.networkReady()] },
  );
  const database = children.make(
    "database",
    gcp.sql.Database,
    { project: host.project, instance: server.name, name: args.database },
    kept,
  );
  const owner = children.make(
    "databaseOwner",
    gcp.sql.User,
    {
      project: host.project,
      instance: server.name,
      name: args.owner,
      password: password.result,
      deletionPolicy: "ABANDON",
    },
    kept,
  );
  host.alarm(children, "databaseSpace", {
    description: `${args.database}: more than nine tenths of the storage is used`,
    filter: interpolate`resource.type="cloudsql_database" AND metric.type="cloudsql.googleapis.com/database/disk/utilization" AND resource.labels.database_id="${host.project}:${server.name}"`,
    aligner: "ALIGN_MAX",
    above: 0.9,
    minutes: 15,
  });
  return {
    login: {
      driver: "postgres",
      host: server.privateIpAddress,
      port: 5432,
      database: args.database,
      user: args.owner,
      password: password.result,
      // The certificate names the instance and not its address, so the CA is checked and the name
      // is not.
      tls: { mode: "verify-ca", ca: server.serverCaCerts.apply((certs) => certs?.[0]?.cert ?? "") },
    },
    access,
    ready: [database, owner],
  };
}
