import { type ComponentResourceOptions, type Input, interpolate, type Output, type Resource } from "@pulumi/pulumi";
import { Children } from "../../children.ts";
import type { Context } from "../../context.ts";
import type { In, Principal } from "../../link.ts";
import { type Gcp, sdk } from "../../sdk.ts";
import {
  Host,
  type HostChildren,
  type OnceArgs,
  type PostgresArgs,
  type SecretRef,
  type Service,
  type ServiceArgs,
  type SqlServer,
} from "../host.ts";
import type { Budget } from "../hosts.ts";
import { type AlarmArgs, gcpAlarm } from "./alarm.ts";
import { type AdoptedNetwork, type GcpNetwork, gcpNetwork, type NetworkClasses } from "./network.ts";
import { gcpOnce } from "./once.ts";
import { gcpPostgres } from "./postgres.ts";
import { gcpSecret } from "./secret.ts";
import { gcpService } from "./service.ts";

export interface GcpSettings {
  project: string;
  region: string;
  network?: AdoptedNetwork | undefined;
}

export interface GcpHostClasses extends NetworkClasses {
  enabled: typeof Gcp.projects.Service;
  agent: typeof Gcp.projects.ServiceIdentity;
  alerts: typeof Gcp.monitoring.NotificationChannel;
  sources: typeof Gcp.storage.Bucket;
  budget: typeof Gcp.billing.Budget;
}

/** A Google Cloud project and region: its services, network, code bucket, and how things run there. */
export class GcpHost extends Host {
  readonly kind = "gcp";
  readonly project: string;
  readonly region: string;
  readonly nodes;
  readonly #children: Children<GcpHostClasses>;
  readonly #settings: GcpSettings;
  readonly #enabled = new Map<string, Resource>();
  readonly #agents = new Map<string, Gcp.projects.ServiceIdentity>();
  #network: { reach: GcpNetwork; ready: Resource[] } | undefined;
  #channel: Output<string> | undefined;
  #sources: Gcp.storage.Bucket | undefined;

  constructor(name: string, context: Context, settings: GcpSettings, opts: ComponentResourceOptions) {
    super(name, opts);
    this.project = settings.project;
    this.region = settings.region;
    this.#settings = settings;
    this.#children = new Children<GcpHostClasses>(this, context, name);
    this.nodes = this.#children.nodes;
    this.registerOutputs({});
  }

  /** Switches a Google API on; it stays on, as others in the project may use it. */
  enable(service: string): Resource {
    let enabled = this.#enabled.get(service);
    if (!enabled) {
      enabled = this.#children.make(
        "enabled",
        sdk.gcp().projects.Service,
        { project: this.project, service: `${service}.googleapis.com`, disableOnDestroy: false },
        { each: service },
      );
      this.#enabled.set(service, enabled);
    }
    return enabled;
  }

  /** The account of Google's own that a service works as, such as Pub/Sub moving dead letters: it exists once it is asked for. */
  agent(service: string): Output<string> {
    let agent = this.#agents.get(service);
    if (!agent) {
      agent = this.#children.make(
        "agent",
        sdk.gcp().projects.ServiceIdentity,
        { project: this.project, service: `${service}.googleapis.com` },
        { each: service, dependsOn: [this.enable(service)] },
      );
      this.#agents.set(service, agent);
    }
    return agent.member;
  }

  reach(): GcpNetwork {
    return this.#net().reach;
  }

  /** What must stand before something gets an address in the network. */
  networkReady(): Resource[] {
    return this.#net().ready;
  }

  #net() {
    this.#network ??= gcpNetwork(this, this.#children.as(), this.#settings.network);
    return this.#network;
  }

  /** The bucket that the functions' code is deployed from. */
  sources(): Gcp.storage.Bucket {
    this.#sources ??= this.#children.make(
      "sources",
      sdk.gcp().storage.Bucket,
      { location: this.region, uniformBucketLevelAccess: true, publicAccessPrevention: "enforced", forceDestroy: true },
      // Bucket names are one space for all of Google's customers; a project id is unique in it.
      {
        named: `${this.project}-${this.#children.context.prefix}-code`.slice(0, 63),
        dependsOn: [this.enable("storage")],
      },
    );
    return this.#sources;
  }

  identity(children: HostChildren, key: string, each?: string): Principal & { cloud: "gcp" } {
    const account = children.make(
      key,
      sdk.gcp().serviceaccount.Account,
      { project: this.project, displayName: `${children.context.prefix} ${children.stem} ${each ?? key}` },
      { ...(each === undefined ? {} : { each }), dependsOn: [this.enable("iam")] },
    );
    return { cloud: "gcp", project: this.project, email: account.email, uniqueId: account.uniqueId };
  }

  taskIdentity(children: HostChildren, key: string): Principal & { cloud: "gcp" } {
    return this.identity(children, key);
  }

  /** Lets a service account do one thing in the whole project, or where the condition holds. Key `grant`, told apart by `each`. */
  grant(
    children: HostChildren,
    to: Principal & { cloud: "gcp" },
    each: string,
    role: string,
    condition?: { title: string; expression: string },
  ): Resource {
    return children.make(
      "grant",
      sdk.gcp().projects.IAMMember,
      { project: this.project, role, member: memberOf(to), ...(condition ? { condition } : {}) },
      { each },
    );
  }

  secret(
    children: HostChildren,
    key: string,
    value: Output<string>,
    readers: (Principal & { cloud: "gcp" })[],
    each?: string,
  ): SecretRef {
    return gcpSecret(this, children, key, value, readers, each);
  }

  alarm(children: HostChildren, key: string, args: AlarmArgs): void {
    gcpAlarm(this, children, key, args, this.alerts());
  }

  /** The channel that alarms go to; none where nobody is named. */
  alerts(): In | undefined {
    const { email } = this.#children.context.alerts;
    if (!email) return undefined;
    this.#channel ??= this.#children.make(
      "alerts",
      sdk.gcp().monitoring.NotificationChannel,
      { project: this.project, type: "email", labels: { email_address: email as Input<string> } },
      { dependsOn: [this.enable("monitoring")] },
    ).id;
    return this.#channel;
  }

  /** Tells when the project's month passes 80 % and all of the budget. */
  budget({ monthlyUsd, billingAccount }: Budget): void {
    const channel = this.alerts();
    this.#children.make(
      "budget",
      sdk.gcp().billing.Budget,
      {
        billingAccount: billingAccount!,
        amount: { specifiedAmount: { currencyCode: "USD", units: String(monthlyUsd) } },
        budgetFilter: { projects: [`projects/${this.project}`], labels: { app: "integraviz" } },
        thresholdRules: [{ thresholdPercent: 0.8 }, { thresholdPercent: 1 }],
        ...(channel ? { allUpdatesRule: { monitoringNotificationChannels: [channel] } } : {}),
      },
      { dependsOn: [this.enable("billingbudgets")] },
    );
  }

  service(children: HostChildren, args: ServiceArgs): Service {
    return gcpService(this, children, args);
  }

  once(children: HostChildren, args: OnceArgs): Resource {
    return gcpOnce(this, children, args);
  }

  postgres(children: HostChildren, args: PostgresArgs): SqlServer {
    return gcpPostgres(this, children, args);
  }
}

/** "serviceAccount:..." for IAM. */
export function memberOf(principal: Principal & { cloud: "gcp" }): Output<string> {
  return interpolate`serviceAccount:${principal.email}`;
}
