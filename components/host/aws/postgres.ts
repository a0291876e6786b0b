import type { Children } from "../../making/children.ts";
import { physicalName } from "../../making/naming.ts";
import { type Aws, type Random, sdk } from "../../making/sdk.ts";
import type { PostgresArgs, SqlServer } from "../host.ts";
import type { AwsAccount } from "./account.ts";

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
export function awsPostgres(host: AwsAccount, children: Children<AwsPostgresClasses>, args: PostgresArgs): SqlServer {
  const aws = sdk.aws();
  const size = args.size.aws;
  const always = args.keep === "always";
  const network = host.networkAccess(always);
  const kept = { protect: always, retainOnDelete: always };

  const password = children.make("databasePassword", sdk.random().RandomPassword, { length: 40, special: false }, kept);
  // What was kept, and an old snapshot, hold their names: the next database has others.
  const suffix = children.make("databaseSuffix", sdk.random().RandomId, { byteLength: 3 }, kept);
  const named = (type: string, key: string, version?: string) =>
    suffix.hex.apply((hex) => physicalName(type, [children.scope.prefix, children.stem, key, hex], version));
  const subnets = children.make(
    "databaseSubnets",
    aws.rds.SubnetGroup,
    { name: named("aws:rds/subnetGroup:SubnetGroup", "database-subnets"), subnetIds: network.subnetIds },
    { retainOnDelete: always },
  );
  const firewall = children.make(
    "databaseFirewall",
    aws.ec2.SecurityGroup,
    {
      name: named("aws:ec2/securityGroup:SecurityGroup", "database-firewall"),
      vpcId: network.vpcId,
      description: "PostgreSQL, from clients of this deployment only",
    },
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
      name: named("aws:rds/parameterGroup:ParameterGroup", "database-parameters", args.version),
      family: `postgres${args.version}`,
      parameters: [
        { name: "rds.force_ssl", value: "1" },
        { name: "log_min_duration_statement", value: "2000" },
      ],
    },
    { retainOnDelete: always },
  );
  const database = children.make(
    "database",
    aws.rds.Instance,
    {
      identifier: named("aws:rds/instance:Instance", "database"),
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
      finalSnapshotIdentifier: named("aws:rds/instance:Instance", "final"),
      performanceInsightsEnabled: true,
      enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
      autoMinorVersionUpgrade: true,
      // A new major is asked for by name, in the settings.
      allowMajorVersionUpgrade: true,
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
    access: network,
    ready: [database],
  };
}
