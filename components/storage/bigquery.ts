import { type ComponentResourceOptions, interpolate, type Output, type Resource, secret } from "@pulumi/pulumi";
import { z } from "zod";
import { inputText } from "../checking/settings.ts";
import type { GcpHost } from "../host/gcp/gcp.ts";
import type { GcpJobClasses } from "../host/gcp/job.ts";
import type { CreateArgs } from "../implementation.ts";
import type { In, Login, Principal, SqlLink, SqlRole } from "../link.ts";
import { Children } from "../making/children.ts";
import type { Context } from "../making/context.ts";
import { physicalName } from "../making/naming.ts";
import { type Gcp, type Random, sdk } from "../making/sdk.ts";
import { type BigQueryAuth, type FederationClasses, federate } from "./federation.ts";
import { migrate } from "./migration.ts";
import { Storage, type StorageArgs, type StorageImplementation } from "./storage.ts";

const schema = z.strictObject({
  location: z
    .string()
    .default("US")
    .meta({ description: "Where the data lies; it cannot be moved later.", change: "replaces" }),
  adopt: z
    .strictObject({
      dataset: inputText.meta({ description: "The id of the dataset of the log.", change: "replaces" }),
      views: inputText.meta({ description: "The id of the dataset of the views.", change: "replaces" }),
    })
    .optional()
    .meta({ description: "Datasets that are there already, in place of new ones." }),
});
type Settings = z.output<typeof schema>;

export interface BigQueryClasses extends GcpJobClasses, FederationClasses {
  appenderSuffix: typeof Random.RandomId;
  appender: typeof Gcp.projects.IAMCustomRole;
  dataset: typeof Gcp.bigquery.Dataset;
  views: typeof Gcp.bigquery.Dataset;
  authorized: typeof Gcp.bigquery.DatasetAccess;
  access: typeof Gcp.bigquery.DatasetAccess;
  grant: typeof Gcp.projects.IAMMember;
  migrator: typeof Gcp.serviceaccount.Account;
  account: typeof Gcp.serviceaccount.Account;
  key: typeof Gcp.serviceaccount.Key;
}

/**
 * What each role may do, per dataset. Readers see the views only: the views' dataset is authorized
 * to read the events' for them. Basic roles, because BigQuery turns the predefined ones into these,
 * and each preview would show a change; and for the writer one of our own, because a WRITER may
 * delete tables.
 */
const DATASET_ROLES = {
  owner: { events: "OWNER", views: "OWNER" },
  writer: { events: "appender", views: "READER" },
  reader: { events: null, views: "READER" },
} as const;

const AMBIENT: BigQueryAuth = { auth: { by: "ambient" } };

/**
 * What functions/stores/bigquery asks for as the writer: insertAll, queries, and whether the
 * dataset is there.
 */
const APPENDER = [
  "bigquery.datasets.get",
  "bigquery.tables.get",
  "bigquery.tables.getData",
  "bigquery.tables.updateData",
];

/**
 * BigQuery: one dataset for the events, one for the views. Tables and views themselves belong to
 * the migrations.
 */
class BigQueryStorage extends Storage {
  readonly store = "bigquery";
  readonly nodes;
  readonly #children: Children<BigQueryClasses>;
  readonly #host: GcpHost;
  readonly #context: Context;
  readonly #settings: Settings;
  readonly #datasets: { events: In; views: In };
  readonly #migrated: Resource;
  readonly #granted = new Map<In, Map<string, Resource>>();

  constructor(name: string, args: StorageArgs & CreateArgs<Settings, BigQueryClasses>, opts: ComponentResourceOptions) {
    super(name, opts);
    this.#context = args.context;
    this.#settings = args.settings;
    this.#host = args.context.hosts.gcp();
    this.#children = new Children<BigQueryClasses>(this, args.context, "storage-bigquery", args.transform);
    this.nodes = this.#children.nodes;

    this.#datasets = this.#createDatasets();
    this.#migrated = this.#migrate();
    this.registerOutputs({});
  }

  link<R extends SqlRole>(role: R, to: Principal, consumer: string): SqlLink<R> {
    const holder = this.#holder(role, to, consumer);
    const granted = this.#grant(role, holder, consumer);
    const { auth, ready } = this.#auth(to, holder, consumer, role);
    return {
      role,
      login: this.#login(auth),
      access: { via: "internet" },
      ready: [...granted, ...ready, this.#migrated],
    };
  }

  protected readerLogin(): Login {
    return this.#login(AMBIENT);
  }

  /** As themselves: who deploys owns the project's datasets. */
  protected copierLogin(): Login {
    return this.readerLogin();
  }

  #login(auth: BigQueryAuth): Login {
    const { events, views } = this.#datasets;
    return {
      driver: "bigquery",
      project: this.#host.project,
      dataset: events,
      views,
      location: this.#settings.location,
      ...auth,
    };
  }

  #createDatasets(): { events: Output<string> | string; views: Output<string> | string } {
    const { adopt, location } = this.#settings;
    if (adopt) return { events: adopt.dataset, views: adopt.views };
    const { bigquery } = sdk.gcp();
    const kept = { protect: true, retainOnDelete: true, dependsOn: [this.#host.enable("bigquery")] };
    const dataset = (key: "dataset" | "views", description: string) =>
      this.#children.make(
        key,
        bigquery.Dataset,
        { project: this.#host.project, location, description, deleteContentsOnDestroy: false },
        {
          ...kept,
          named: `${this.#context.prefix}_${key === "dataset" ? "events" : "views"}`
            .toLowerCase()
            .replace(/[^a-z0-9_]+/g, "_"),
        },
      );
    const events = dataset("dataset", "Integraviz: events, appended to and never changed");
    const views = dataset("views", "Integraviz: what dashboards read");
    this.#children.make("authorized", bigquery.DatasetAccess, {
      project: this.#host.project,
      datasetId: events.datasetId,
      authorizedDataset: {
        dataset: { projectId: this.#host.project, datasetId: views.datasetId },
        targetTypes: ["VIEWS"],
      },
    });
    return { events: events.datasetId, views: views.datasetId };
  }

  /** The service account that holds a consumer's grants: the consumer's own where it is one. */
  #holder(role: SqlRole, to: Principal, consumer: string): Principal & { cloud: "gcp" } {
    if (to.cloud === "gcp") return to;
    return this.#host.identity(this.#children, "account", `${consumer}-${role}`);
  }

  /** Google keeps the id of a deleted role for weeks, so a fixed one could not be made again. */
  #appender(): Output<string> {
    const { nodes } = this.#children;
    if (nodes.appender) return nodes.appender.name;
    const suffix = this.#children.make("appenderSuffix", sdk.random().RandomId, { byteLength: 3 });
    const type = "gcp:projects/iAMCustomRole:IAMCustomRole";
    return this.#children.make(
      "appender",
      sdk.gcp().projects.IAMCustomRole,
      {
        project: this.#host.project,
        roleId: suffix.hex.apply((hex) => physicalName(type, [this.#context.prefix, "appender", hex])),
        title: `${this.#context.prefix}: appends events`,
        permissions: APPENDER,
      },
      { dependsOn: [this.#host.enable("iam")] },
    ).name;
  }

  #grant(role: SqlRole, to: Principal & { cloud: "gcp" }, consumer: string): Resource[] {
    const { project } = this.#host;
    const access = (["events", "views"] as const).flatMap((where) => {
      const granted = DATASET_ROLES[role][where];
      if (!granted) return [];
      return [
        this.grantOnce(to, `${where} ${granted}`, () =>
          // Not DatasetIam*: that would remove the authorized views.
          this.#children.make(
            "access",
            sdk.gcp().bigquery.DatasetAccess,
            {
              project,
              datasetId: this.#datasets[where],
              role: granted === "appender" ? this.#appender() : granted,
              userByEmail: to.email,
            },
            { each: `${consumer}-${role}-${where}` },
          ),
        ),
      ];
    });
    const jobs = this.grantOnce(to, "jobs", () =>
      this.#host.grant(this.#children, to, `${consumer}-${role}-jobs`, "roles/bigquery.jobUser"),
    );
    return [...access, jobs];
  }

  /**
   * What an account's roles have in common is granted once: BigQuery refuses the second of two
   * equal entries.
   */
  grantOnce(to: Principal & { cloud: "gcp" }, what: string, grant: () => Resource): Resource {
    const own = this.#granted.get(to.email) ?? new Map<string, Resource>();
    this.#granted.set(to.email, own);
    const granted = own.get(what) ?? grant();
    own.set(what, granted);
    return granted;
  }

  #auth(
    to: Principal,
    holder: Principal & { cloud: "gcp" },
    consumer: string,
    role: SqlRole,
  ): { auth: BigQueryAuth; ready: Resource[] } {
    switch (to.cloud) {
      case "gcp":
        return { auth: AMBIENT, ready: [] };
      case "aws":
        return federate(this.#host, this.#children.as(), to, holder, `${consumer}-${role}`);
      case "none": {
        const key = this.#children.make(
          "key",
          sdk.gcp().serviceaccount.Key,
          { serviceAccountId: interpolate`projects/${this.#host.project}/serviceAccounts/${holder.email}` },
          { each: `${consumer}-${role}` },
        );
        const json = secret(key.privateKey).apply((base64) => Buffer.from(base64, "base64").toString("utf8"));
        return { auth: { auth: { by: "key" }, key: json }, ready: [key] };
      }
    }
  }

  #migrate(): Resource {
    const migrator = this.#host.taskIdentity(this.#children, "migrator");
    const granted = this.#grant("owner", migrator, "migrator");
    return migrate(this.#host, this.#children, {
      store: "bigquery",
      owner: this.#login(AMBIENT),
      principal: migrator,
      access: { via: "internet" },
      dependsOn: granted,
    });
  }
}

export const bigquery = {
  store: "bigquery",
  schema,
  capabilities: { self: { at: "internet", providers: ["gcp"], host: "gcp" } },
  sqlAlchemy: { module: "sqlalchemy_bigquery", packages: ["sqlalchemy-bigquery==1.15.0"] },
  host: () => "self",
  create: (name, args: StorageArgs & CreateArgs<Settings, BigQueryClasses>, opts): Storage =>
    new BigQueryStorage(name, args, opts),
} satisfies StorageImplementation;
