import { interpolate } from "@pulumi/pulumi";
import type { Children } from "../../children.ts";
import { type Aws, type Random, sdk } from "../../sdk.ts";
import type { PostgresArgs, SqlServer } from "../host.ts";
import type { AwsHost } from "./aws.ts";

export interface AwsPostgresClasses {
  databaseSuffix: typeof Random.RandomId;
  databasePassword: typeof Random.RandomPassword;
  databaseSubnets: typeof Aws.rds.SubnetGroup;
  databaseFirewall: typeof Aws.ec2.SecurityGroup;
  databaseIngress: typeof Aws.vpc.SecurityGroupIngressRule;
  databaseParameters: typeof Aws.rds.ParameterGroup;
  database: typeof Aws.rds.Instance;
  databaseSpace: typeof Aws.cloudwatch.MetricAlarm;
}

/** RDS for PostgreSQL in private subnets: TLS forced, encrypted, backed up, kept on deletion. */
export function awsPostgres(host: AwsHost, children: Children<AwsPostgresClasses>, args: PostgresArgs): SqlServer {
  const aws = sdk.aws();
  const network = host.reach();
  const size = args.size.aws;
  const always = args.keep === "always";
  const kept = { protect: always, retainOnDelete: always };

  const password = children.make("databasePassword", sdk.random().RandomPassword, { length: 40, special: false }, kept);
  // The name of an old snapshot is taken; deleting the next database under it would fail.
  const suffix = children.make("databaseSuffix", sdk.random().RandomId, { byteLength: 3 }, kept);
  const subnets = children.make(
    "databaseSubnets",
    aws.rds.SubnetGroup,
    { subnetIds: network.subnetIds },
    { retainOnDelete: always },
  );
  const firewall = children.make(
    "databaseFirewall",
    aws.ec2.SecurityGroup,
    { vpcId: network.vpcId, description: "PostgreSQL, from this deployment's clients only" },
    { retainOnDelete: always },
  );
  children.make("databaseIngress", aws.vpc.SecurityGroupIngressRule, {
    securityGroupId: firewall.id,
    referencedSecurityGroupId: network.clientSecurityGroupId,
    ipProtocol: "tcp",
    fromPort: 5432,
    toPort: 5432,
    description: "Functions, migrations and visualizers of this deployment",
  });
  const parameters = children.make(
    "databaseParameters",
    aws.rds.ParameterGroup,
    {
      family: `postgres${args.version}`,
      parameters: [
        { name: "rds.force_ssl", value: "1" },
        { name: "log_min_duration_statement", value: "2000" },
      ],
    },
    { immutable: args.version, retainOnDelete: always },
  );
  const database = children.make(
    "database",
    aws.rds.Instance,
    {
      engine: "postgres",
      engineVersion: args.version,
      instanceClass: size.instanceClass,
      allocatedStorage: size.storageGb,
      maxAllocatedStorage: size.maxStorageGb,
      storageType: "gp3",
      storageEncrypted: true,
      dbName: args.database,
      username: args.owner,
      password: password.result,
      dbSubnetGroupName: subnets.name,
      vpcSecurityGroupIds: [firewall.id],
      parameterGroupName: parameters.name,
      publiclyAccessible: false,
      multiAz: size.multiAz,
      backupRetentionPeriod: size.backupDays,
      copyTagsToSnapshot: true,
      deleteAutomatedBackups: !always,
      deletionProtection: always,
      skipFinalSnapshot: false,
      finalSnapshotIdentifier: interpolate`${children.context.prefix}-${children.stem}-final-${suffix.hex}`,
      performanceInsightsEnabled: true,
      enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
      autoMinorVersionUpgrade: true,
      applyImmediately: false,
    },
    kept,
  );
  host.alarm(children, "databaseSpace", {
    description: `${args.database}: less than a tenth of the storage is free`,
    namespace: "AWS/RDS",
    metric: "FreeStorageSpace",
    dimensions: { DBInstanceIdentifier: database.identifier },
    statistic: "Minimum",
    below: size.storageGb * 1024 ** 3 * 0.1,
    minutes: 15,
  });
  return {
    login: {
      driver: "postgres",
      host: database.address,
      port: 5432,
      database: args.database,
      user: args.owner,
      password: password.result,
      tls: { mode: "verify-full" },
    },
    reach: network,
    ready: [database],
  };
}
