import { type ComponentResourceOptions, Config, interpolate, log, type Output, type Resource } from "@pulumi/pulumi";
import { z } from "zod";
import type { Problem } from "../checking/problem.ts";
import { cidr, rotation } from "../checking/settings.ts";
import type { AwsJobClasses } from "../host/aws/job.ts";
import type { HostKind } from "../host/host.ts";
import type { CreateArgs } from "../implementation.ts";
import type { Login, Principal, SqlLink, SqlRole } from "../link.ts";
import { Children } from "../making/children.ts";
import type { Context } from "../making/context.ts";
import { physicalName } from "../making/naming.ts";
import type { Tls } from "../making/sdk.ts";
import { migrate } from "./migration.ts";
import { grantRole, type SnowflakeGrantClasses } from "./snowflake-grants.ts";
import { keyPair } from "./snowflake-keys.ts";
import { type Snowflake, snowflakeSdk } from "./snowflake-provider.ts";
import { Storage, type StorageArgs, type StorageImplementation } from "./storage.ts";

const schema = z.strictObject({
  account: z.string().optional().meta({
    description: "The account, ORGANIZATION-ACCOUNT. Unset: from snowflake:organizationName and snowflake:accountName.",
    change: "restarts",
  }),
  warehouseSize: z
    .enum(["XSMALL", "SMALL", "MEDIUM", "LARGE"])
    .default("XSMALL")
    .meta({ description: "The size of the warehouse; each size costs twice the one before." }),
  autoSuspend: z
    .int()
    .min(60)
    .default(60)
    .meta({ description: "Idleness after which the warehouse stops costing.", unit: "s" }),
  retentionDays: z.int().min(0).max(90).default(1).meta({
    description: "How long deleted rows can be brought back; more than 1 needs the Enterprise edition.",
    unit: "days",
  }),
  monthlyCredits: z.int().min(1).optional().meta({
    description:
      "The warehouse stops for the rest of the month when it has used this many. Needs ACCOUNTADMIN. Unset: no limit.",
    unit: "credits",
  }),
  notifyUsers: z.array(z.string()).default([]).meta({
    description:
      "Users of Snowflake's with a verified address who are told at 50, 80 and 95 % of monthlyCredits; alerts.email is none of Snowflake's.",
  }),
  allowedIps: z
    .array(cidr)
    .default([])
    .meta({ description: "Networks that the service users may come from, as CIDRs. Empty: from anywhere." }),
  rotation,
});
type Settings = z.output<typeof schema>;

export interface SnowflakeClasses extends SnowflakeGrantClasses, AwsJobClasses {
  database: typeof Snowflake.Database;
  schema: typeof Snowflake.Schema;
  warehouse: typeof Snowflake.Warehouse;
  monitor: typeof Snowflake.ResourceMonitor;
  network: typeof Snowflake.NetworkPolicy;
  role: typeof Snowflake.AccountRole;
  user: typeof Snowflake.ServiceUser;
  membership: typeof Snowflake.GrantAccountRole;
  key: typeof Tls.PrivateKey;
}

const ROLES = ["owner", "writer", "reader"] as const;
const SCHEMA = "INTEGRAVIZ";

interface Account {
  login: Login & { driver: "snowflake" };
  ready: Resource[];
}

/**
 * A Snowflake database with a warehouse that suspends, and three roles, each with a service user
 * that logs in by key pair.
 */
class SnowflakeStorage extends Storage {
  readonly store = "snowflake";
  readonly nodes;
  readonly #children: Children<SnowflakeClasses>;
  readonly #context: Context;
  readonly #settings: Settings;
  readonly #accounts: Record<SqlRole, Account>;
  readonly #migrated: Resource;

  constructor(
    name: string,
    args: StorageArgs & CreateArgs<Settings, SnowflakeClasses>,
    opts: ComponentResourceOptions,
  ) {
    super(name, opts);
    this.#context = args.context;
    this.#settings = args.settings;
    this.#children = new Children<SnowflakeClasses>(this, args.context, "storage-snowflake", args.transform);
    this.nodes = this.#children.nodes;

    const database = this.#createDatabase();
    const warehouse = this.#createWarehouse();
    const network = this.#createNetworkPolicy();
    this.#accounts = Object.fromEntries(
      ROLES.map((role) => [role, this.#createAccount(role, database, warehouse, network)]),
    ) as Record<SqlRole, Account>;
    this.#migrated = this.#migrate(args.near);
    this.registerOutputs({});
  }

  link<R extends SqlRole>(role: R, _to: Principal, _consumer: string): SqlLink<R> {
    const { login, ready } = this.#accounts[role];
    return { role, login, access: { via: "internet" }, ready: role === "owner" ? ready : [...ready, this.#migrated] };
  }

  protected readerLogin(): Login {
    return this.#accounts.reader.login;
  }

  protected copierLogin(): Login {
    return this.#accounts.writer.login;
  }

  #createDatabase() {
    const snowflake = snowflakeSdk();
    const kept = { protect: true, retainOnDelete: true };
    const database = this.#children.make(
      "database",
      snowflake.Database,
      {
        dataRetentionTimeInDays: this.#settings.retentionDays,
        dropPublicSchemaOnCreation: true,
        comment: this.#comment(),
      },
      { ...kept, named: physicalName("snowflake:index/database:Database", [this.#context.prefix]) },
    );
    const schema = this.#children.make(
      "schema",
      snowflake.Schema,
      {
        name: SCHEMA,
        database: database.name,
        withManagedAccess: "true",
        comment: "Events and the views that dashboards read",
      },
      kept,
    );
    return { database, schema };
  }

  #createWarehouse() {
    const snowflake = snowflakeSdk();
    const { warehouseSize, autoSuspend, monthlyCredits, notifyUsers } = this.#settings;
    if (monthlyCredits !== undefined && notifyUsers.length === 0)
      log.warn(
        `storage.snowflake.monthlyCredits: after ${monthlyCredits} hours of live training no event is stored until the month ends, and nobody is told before.\n  fix: name Snowflake users in storage.snowflake.notifyUsers`,
        this,
      );
    const monitor =
      monthlyCredits === undefined
        ? undefined
        : this.#children.make("monitor", snowflake.ResourceMonitor, {
            creditQuota: monthlyCredits,
            frequency: "MONTHLY",
            startTimestamp: "IMMEDIATELY",
            notifyTriggers: [50, 80, 95],
            notifyUsers,
            suspendTrigger: 100,
          });
    return this.#children.make("warehouse", snowflake.Warehouse, {
      warehouseSize,
      autoSuspend,
      autoResume: "true",
      initiallySuspended: true,
      statementTimeoutInSeconds: 300,
      comment: this.#comment(),
      ...(monitor ? { resourceMonitor: monitor.name } : {}),
    });
  }

  #createNetworkPolicy() {
    const { allowedIps } = this.#settings;
    if (allowedIps.length === 0) return undefined;
    return this.#children.make("network", snowflakeSdk().NetworkPolicy, {
      allowedIpLists: allowedIps,
      comment: this.#comment(),
    });
  }

  #createAccount(
    of: SqlRole,
    { database, schema }: { database: Snowflake.Database; schema: Snowflake.Schema },
    warehouse: Snowflake.Warehouse,
    network: Snowflake.NetworkPolicy | undefined,
  ): Account {
    const snowflake = snowflakeSdk();
    const each = { each: of };
    const role = this.#children.make("role", snowflake.AccountRole, { comment: this.#comment() }, each);
    const grants = grantRole(this.#children.as(), of, role, { database, schema, warehouse });
    const keys = keyPair(this.#children, of, this.#settings.rotation);
    const user = this.#children.make(
      "user",
      snowflake.ServiceUser,
      {
        rsaPublicKey: keys.publicKey,
        ...(keys.publicKey2 ? { rsaPublicKey2: keys.publicKey2 } : {}),
        defaultRole: role.name,
        defaultWarehouse: warehouse.name,
        defaultNamespace: interpolate`${database.name}.${schema.name}`,
        comment: this.#comment(),
        ...(network ? { networkPolicy: network.name } : {}),
      },
      each,
    );
    const membership = this.#children.make(
      "membership",
      snowflake.GrantAccountRole,
      { roleName: role.name, userName: user.name },
      each,
    );
    return {
      login: {
        driver: "snowflake",
        account: this.#settings.account!,
        user: user.name,
        privateKey: keys.privateKey,
        role: role.name,
        warehouse: warehouse.name,
        database: database.name,
        schema: schema.name as Output<string>,
      },
      ready: [membership, ...grants],
    };
  }

  #migrate(near: HostKind): Resource {
    const host = this.#context.hosts.of(near);
    const { login, ready } = this.#accounts.owner;
    return migrate(host, this.#children, {
      store: "snowflake",
      owner: login,
      principal: host.taskIdentity(this.#children, "migrator"),
      access: { via: "internet" },
      dependsOn: [...ready, ...this.#accounts.writer.ready, ...this.#accounts.reader.ready],
    });
  }

  #comment(): string {
    return Object.entries(this.#context.tags)
      .map(([key, value]) => `${key}=${value}`)
      .join(" ");
  }
}

const ORGANIZATION = "snowflake:organizationName";
const ACCOUNT = "snowflake:accountName";

/**
 * The provider's own account is the one that the logins are for, unless the settings say otherwise.
 */
function complete(given: object): object {
  const config = new Config("snowflake");
  const [organization, account] = [config.get("organizationName"), config.get("accountName")];
  return organization && account ? { account: `${organization}-${account}`, ...given } : given;
}

function problems({ account }: Settings): Problem[] {
  if (account !== undefined) return [];
  return [
    {
      key: ACCOUNT,
      problem: `and ${ORGANIZATION} are missing: they say which account the logins are for`,
      fixes: [`pulumi config set ${ORGANIZATION} ORGANIZATION && pulumi config set ${ACCOUNT} ACCOUNT`],
    },
  ];
}

export const snowflake = {
  store: "snowflake",
  schema,
  capabilities: { self: { at: "internet", providers: [] } },
  sdks: [snowflakeSdk],
  sqlAlchemy: {
    module: "snowflake.sqlalchemy",
    // Left to itself, pip's resolution goes back to a connector of 2019.
    packages: ["snowflake-sqlalchemy==1.9.0", "snowflake-connector-python>=3.15"],
  },
  complete,
  problems,
  host: () => "self",
  create: (name, args: StorageArgs & CreateArgs<Settings, SnowflakeClasses>, opts): Storage =>
    new SnowflakeStorage(name, args, opts),
} satisfies StorageImplementation;
