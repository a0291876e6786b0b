import type { ComponentResourceOptions, Output, Resource } from "@pulumi/pulumi";
import type { z } from "zod";
import type { AwsJobClasses } from "../host/aws/job.ts";
import type { AwsPostgresClasses } from "../host/aws/postgres.ts";
import { type AwsProxyClasses, awsProxy } from "../host/aws/proxy.ts";
import type { DockerPostgresClasses } from "../host/docker/docker.ts";
import type { GcpJobClasses } from "../host/gcp/job.ts";
import type { GcpPostgresClasses } from "../host/gcp/postgres.ts";
import type { HostKind, SqlServer } from "../host/host.ts";
import type { CreateArgs } from "../implementation.ts";
import type { Login, Principal, SqlLink, SqlRole } from "../link.ts";
import { Children, type Transform } from "../making/children.ts";
import type { Context } from "../making/context.ts";
import { digest } from "../making/naming.ts";
import { type Random, sdk } from "../making/sdk.ts";
import { type AdoptAwsClasses, adoptAws } from "./adopt.ts";
import { adoptionProblems } from "./adoption.ts";
import { migrate } from "./migration.ts";
import { postgresSchema } from "./postgres-settings.ts";
import { PSYCOPG2, Storage, type StorageArgs, type StorageImplementation } from "./storage.ts";

type Settings = z.output<typeof postgresSchema>;
type Postgres = Login & { driver: "postgres" };

export interface PostgresClasses extends AwsPostgresClasses, AwsProxyClasses, AwsJobClasses, AdoptAwsClasses {
  password: typeof Random.RandomPassword;
}
/** The children where the database is on Google Cloud, or on Docker. */
export type PostgresOnGcpClasses = GcpPostgresClasses & GcpJobClasses & Pick<PostgresClasses, "password">;
export type PostgresOnDockerClasses = DockerPostgresClasses & Pick<PostgresClasses, "password">;
/** By the host: the children that apply are those there. */
type PostgresOnAnyHost = PostgresClasses | PostgresOnGcpClasses | PostgresOnDockerClasses;

const OWNER = "integraviz_owner";

/**
 * PostgreSQL: RDS, Cloud SQL, a container, or one that is there already. Users of writer and reader
 * come in pairs, so that passwords rotate without downtime.
 */
class PostgresStorage extends Storage {
  readonly store = "postgres";
  readonly nodes;
  readonly #children: Children<PostgresClasses>;
  readonly #context: Context;
  readonly #settings: Settings;
  readonly #server: SqlServer;
  readonly #users: Record<"writer" | "reader", string[]>;
  readonly #passwords: Record<string, Output<string>>;
  readonly #ready: Resource[];
  /** How the writer logs in, and what that takes. */
  readonly #writes: { login: Postgres; ready: Resource[] };

  constructor(
    name: string,
    args: StorageArgs & CreateArgs<Settings, PostgresOnAnyHost>,
    opts: ComponentResourceOptions,
  ) {
    super(name, opts);
    this.#context = args.context;
    this.#settings = args.settings;
    this.#children = new Children<PostgresClasses>(
      this,
      args.context,
      "storage-postgres",
      args.transform as Transform<PostgresClasses>,
    );
    this.nodes = this.#children.nodes;

    this.#server = this.#createServer();
    this.#users = { writer: this.#usersOf("writer"), reader: this.#usersOf("reader") };
    this.#passwords = this.#createPasswords();
    this.#writes = this.#createProxy();
    this.#ready = [this.#migrate(args.near)];
    this.registerOutputs({});
  }

  /** The user of this rotation and the one before, which stays valid until the next. */
  #usersOf(role: "writer" | "reader"): string[] {
    const { host, rotation, database, aws, gcp } = this.#settings;
    // Users are one space for all databases of a server, and on one that was there already other
    // stacks may have theirs.
    const shared = host === "external" || (host === "aws" && aws.adopt) || (host === "gcp" && gcp.adopt);
    const own = shared ? `_${digest(`${this.#context.prefix} ${database}`)}` : "";
    return [rotation, rotation - 1].filter((n) => n > 0).map((n) => `integraviz_${role}${own}_${n}`);
  }

  link<R extends SqlRole>(role: R, _to: Principal, _consumer: string): SqlLink<R> {
    const { access } = this.#server;
    if (role === "owner") return { role, login: this.#server.login, access, ready: this.#server.ready };
    const login = this.#login(role as "writer" | "reader");
    return { role, login, access, ready: role === "writer" ? [...this.#ready, ...this.#writes.ready] : this.#ready };
  }

  protected readerLogin(): Login {
    return this.#login("reader");
  }

  protected copierLogin(): Login {
    return this.#login("writer");
  }

  #login(role: "writer" | "reader"): Postgres {
    const user = this.#users[role][0] as string;
    const { login } = role === "writer" ? this.#writes : this.#server;
    return { ...login, user, password: this.#passwords[user] as Output<string> };
  }

  #createServer(): SqlServer {
    const { host, database, version, aws, gcp, docker, external } = this.#settings;
    const { hosts } = this.#context;
    if (host === "external") {
      const { address, port, user, password, tls, ca } = external!;
      return {
        login: {
          driver: "postgres",
          host: address,
          port,
          database,
          user,
          password,
          tls: { mode: tls, ...(ca ? { ca } : {}) },
        },
        access: { via: "internet" },
        ready: [],
      };
    }
    if (host === "aws" && aws.adopt) return adoptAws(hosts.aws(), this.#children.as(), database, aws.adopt);
    if (host === "gcp" && gcp.adopt) {
      const { address, user, password, ca } = gcp.adopt;
      return {
        login: {
          driver: "postgres",
          host: address,
          port: 5432,
          database,
          user,
          password,
          tls: { mode: "verify-ca", ca },
        },
        access: hosts.gcp().networkAccess(),
        ready: hosts.gcp().networkReady(),
      };
    }
    return hosts.of(host).postgres(this.#children, {
      database,
      owner: OWNER,
      version,
      size: { aws, gcp },
      keep: "always",
      ...(docker.port === undefined ? {} : { localPort: docker.port }),
    });
  }

  #createPasswords(): Record<string, Output<string>> {
    const all = [...this.#users.writer, ...this.#users.reader];
    return Object.fromEntries(
      all.map((user) => [
        user,
        this.#children.make(
          "password",
          sdk.random().RandomPassword,
          { length: 40, special: false },
          { each: user.replaceAll("_", "-") },
        ).result,
      ]),
    );
  }

  /**
   * For the writer alone: readers of single projects log in as roles that are made on the way,
   * whose passwords no proxy knows.
   */
  #createProxy(): { login: Postgres; ready: Resource[] } {
    const { host, aws } = this.#settings;
    if (host !== "aws" || !aws.proxy) return { login: this.#server.login, ready: [] };
    const passwords = Object.fromEntries(
      this.#users.writer.map((user) => [user, this.#passwords[user] as Output<string>]),
    );
    const instance = this.#children.nodes.database!;
    const { address, ready } = awsProxy(this.#context.hosts.aws(), this.#children.as(), instance, passwords);
    return { login: { ...this.#server.login, host: address }, ready };
  }

  #migrate(near: HostKind): Resource {
    const { host: where } = this.#settings;
    const host = this.#context.hosts.of(where === "external" ? near : where);
    return migrate(host, this.#children, {
      store: "postgres",
      owner: this.#server.login,
      principal: host.taskIdentity(this.#children, "migrator"),
      access: this.#server.access,
      roles: { users: this.#users, passwords: this.#passwords },
      dependsOn: this.#server.ready,
    });
  }
}

export const postgres = {
  store: "postgres",
  schema: postgresSchema,
  capabilities: {
    aws: { at: "aws-vpc", providers: ["aws"], host: "aws" },
    gcp: { at: "gcp-vpc", providers: ["gcp"], host: "gcp" },
    docker: { at: "docker", providers: ["docker"], host: "docker" },
    external: { at: "internet", providers: [] },
  },
  sqlAlchemy: PSYCOPG2,
  problems: adoptionProblems,
  host: ({ host }: Settings) => host,
  create: (name, args: StorageArgs & CreateArgs<Settings, PostgresOnAnyHost>, opts): Storage =>
    new PostgresStorage(name, args, opts),
} satisfies StorageImplementation;
