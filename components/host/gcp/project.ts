import { type ComponentResourceOptions, interpolate, type Output, type Resource } from "@pulumi/pulumi";
import type { In, Principal } from "../../link.ts";
import { Children } from "../../making/children.ts";
import { labels, physicalName } from "../../making/naming.ts";
import type { Scope } from "../../making/scope.ts";
import { type Gcp, sdk } from "../../making/sdk.ts";
import type { Budget } from "../budget.ts";
import { Host, type HostChildren } from "../host.ts";
import { type AlarmArgs, type AlertClasses, alertChannel, gcpAlarm } from "./alarm.ts";
import { type AdoptedNetwork, type GcpNetwork, gcpNetwork, type NetworkClasses } from "./network.ts";
import { memberOf } from "./services.ts";

export interface GcpSettings {
  project: string;
  region: string;
  network?: AdoptedNetwork | undefined;
}

export interface GcpHostClasses extends NetworkClasses, AlertClasses {
  enabled: typeof Gcp.projects.Service;
  agent: typeof Gcp.projects.ServiceIdentity;
  sources: typeof Gcp.storage.Bucket;
  budget: typeof Gcp.billing.Budget;
}

/**
 * A Google Cloud project and region: its services, accounts, network and code bucket. What runs
 * there is made with it.
 */
export abstract class GcpProject extends Host {
  readonly kind = "gcp";
  readonly project: string;
  readonly region: string;
  readonly nodes;
  readonly #children: Children<GcpHostClasses>;
  readonly #settings: GcpSettings;
  readonly #enabled = new Map<string, Resource>();
  readonly #agents = new Map<string, Gcp.projects.ServiceIdentity>();
  #network: { access: GcpNetwork; ready: Resource[] } | undefined;
  #channel: Output<string> | undefined;
  #sources: Gcp.storage.Bucket | undefined;

  constructor(name: string, scope: Scope, settings: GcpSettings, opts: ComponentResourceOptions) {
    super(name, opts);
    this.project = settings.project;
    this.region = settings.region;
    this.#settings = settings;
    this.#children = new Children<GcpHostClasses>(this, scope, name);
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

  /**
   * The account of Google's own that a service works as, such as Pub/Sub moving dead letters: it
   * exists once it is asked for.
   */
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

  /** @param kept the network stays when it is no longer asked for, as a database in it does. */
  networkAccess(kept = false): GcpNetwork {
    return this.#net(kept).access;
  }

  /** What must stand before something gets an address in the network. */
  networkReady(): Resource[] {
    return this.#net().ready;
  }

  #net(kept = false) {
    this.#network ??= gcpNetwork(this, this.#children.as(), this.#settings.network, kept);
    return this.#network;
  }

  /** The bucket that the functions' code is deployed from. */
  sources(): Gcp.storage.Bucket {
    this.#sources ??= this.#children.make(
      "sources",
      sdk.gcp().storage.Bucket,
      {
        project: this.project,
        location: this.region,
        uniformBucketLevelAccess: true,
        publicAccessPrevention: "enforced",
        forceDestroy: true,
      },
      // Bucket names are one space for all of Google's customers; a project id is unique in it.
      {
        named: physicalName("gcp:storage/bucket:Bucket", [this.project, this.#children.scope.prefix, "code"]),
        dependsOn: [this.enable("storage")],
      },
    );
    return this.#sources;
  }

  identity(children: HostChildren, key: string, each?: string): Principal & { cloud: "gcp" } {
    const account = children.make(
      key,
      sdk.gcp().serviceaccount.Account,
      { project: this.project, displayName: `${children.scope.prefix} ${children.stem} ${each ?? key}` },
      { ...(each === undefined ? {} : { each }), dependsOn: [this.enable("iam")] },
    );
    return { cloud: "gcp", project: this.project, email: account.email, uniqueId: account.uniqueId };
  }

  taskIdentity(children: HostChildren, key: string): Principal & { cloud: "gcp" } {
    return this.identity(children, key);
  }

  /**
   * Lets a service account do one thing in the whole project, or where the condition holds. Key
   * `grant`, told apart by `each`.
   */
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
      { each, dependsOn: [this.enable("cloudresourcemanager")] },
    );
  }

  alarm(children: HostChildren, key: string, args: AlarmArgs): void {
    gcpAlarm(this, children, key, args, this.alerts());
  }

  /** The channel that alarms go to; none where nobody is named. */
  alerts(): In | undefined {
    const { email } = this.#children.scope.alerts;
    if (!email) return undefined;
    this.#channel ??= alertChannel(this, this.#children.as(), "alerts", email);
    return this.#channel;
  }

  /** Tells when the month of what carries the stack's label passes 80 % and all of the budget. */
  budget({ monthlyUsd, billingAccount, email }: Budget): void {
    // Google answers with the project's number, and whatever else was given would be a change in
    // every preview.
    const { number } = sdk
      .gcp()
      .organizations.getProjectOutput(
        { projectId: this.project },
        { parent: this, dependsOn: [this.enable("cloudresourcemanager")] },
      );
    this.#children.make(
      "budget",
      sdk.gcp().billing.Budget,
      {
        billingAccount: billingAccount!,
        // Without a currency it is the billing account's own; another one is refused.
        amount: { specifiedAmount: { units: String(monthlyUsd) } },
        budgetFilter: {
          projects: [interpolate`projects/${number}`],
          labels: { stack: labels(this.#children.scope.tags).stack! },
        },
        thresholdRules: [{ thresholdPercent: 0.8 }, { thresholdPercent: 1 }],
        allUpdatesRule: {
          monitoringNotificationChannels: [alertChannel(this, this.#children.as(), "budgetMail", email)],
        },
      },
      { dependsOn: [this.enable("billingbudgets")] },
    );
  }
}
