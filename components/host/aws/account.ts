import type { ComponentResourceOptions, Output, Resource } from "@pulumi/pulumi";
import type { In, Principal } from "../../link.ts";
import { Children } from "../../making/children.ts";
import type { Scope } from "../../making/scope.ts";
import { type Aws, sdk } from "../../making/sdk.ts";
import type { Budget } from "../budget.ts";
import { Host, type HostChildren } from "../host.ts";
import { type AlarmArgs, type AlertClasses, alertTopic, awsAlarm } from "./alarm.ts";
import { type AdoptedVpc, type AwsNetwork, awsNetwork, type NetworkClasses } from "./network.ts";
import { policy, type Statement, trustService } from "./policy.ts";

export interface AwsSettings {
  region: string;
  vpc?: AdoptedVpc | undefined;
}

export interface AwsHostClasses extends NetworkClasses, AlertClasses {
  budget: typeof Aws.budgets.Budget;
}

/**
 * An AWS account and region: VPC, roles, grants and the topic of alarms. What runs there is made
 * with it.
 */
export abstract class AwsAccount extends Host {
  readonly kind = "aws";
  readonly region: string;
  readonly nodes;
  readonly #children: Children<AwsHostClasses>;
  readonly #settings: AwsSettings;
  #network: { access: AwsNetwork; ready: Resource[] } | undefined;
  #topic: Output<string> | undefined;
  #accountId: Output<string> | undefined;

  constructor(name: string, scope: Scope, settings: AwsSettings, opts: ComponentResourceOptions) {
    super(name, opts);
    this.region = settings.region;
    this.#settings = settings;
    this.#children = new Children<AwsHostClasses>(this, scope, name);
    this.nodes = this.#children.nodes;
    this.registerOutputs({});
  }

  accountId(): Output<string> {
    this.#accountId ??= sdk.aws().getCallerIdentityOutput({}, { parent: this }).accountId;
    return this.#accountId;
  }

  /** @param kept the network stays when it is no longer asked for, as a database in it does. */
  networkAccess(kept = false): AwsNetwork {
    return this.#net(kept).access;
  }

  /** What must stand before something in the network can reach the internet. */
  networkReady(): Resource[] {
    return this.#net().ready;
  }

  #net(kept = false) {
    this.#network ??= awsNetwork(this.#children.as(), this.#settings.vpc, kept);
    return this.#network;
  }

  /** A role that Lambda takes on. */
  lambdaRole(children: HostChildren, key: string, each?: string): Principal & { cloud: "aws" } {
    return this.#role(children, key, "lambda.amazonaws.com", each);
  }

  identity(children: HostChildren, key: string): Principal & { cloud: "aws" } {
    return this.#role(children, key, "ecs-tasks.amazonaws.com");
  }

  taskIdentity(children: HostChildren, key: string): Principal {
    return this.lambdaRole(children, key);
  }

  #role(children: HostChildren, key: string, service: string, each?: string): Principal & { cloud: "aws" } {
    const role = children.make(
      key,
      sdk.aws().iam.Role,
      { assumeRolePolicy: trustService(service, this.accountId()) },
      each === undefined ? {} : { each },
    );
    return this.principalOf(role);
  }

  principalOf(role: Aws.iam.Role): Principal & { cloud: "aws" } {
    return { cloud: "aws", accountId: this.accountId(), roleArn: role.arn, roleName: role.name };
  }

  /** Lets a role do exactly this. Key `grant`, told apart by `each`. */
  grant(children: HostChildren, to: Principal & { cloud: "aws" }, each: string, statements: Statement[]): Resource[] {
    return [
      children.make("grant", sdk.aws().iam.RolePolicy, { role: to.roleName, policy: policy(statements) }, { each }),
    ];
  }

  /**
   * What a function needs to have an address in a VPC: EC2's network interfaces know no narrower
   * resource than "*".
   */
  grantVpc(children: HostChildren, to: Principal & { cloud: "aws" }, each: string): Resource {
    return children.make(
      "vpcAccess",
      sdk.aws().iam.RolePolicyAttachment,
      { role: to.roleName, policyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole" },
      { each },
    );
  }

  alarm(children: HostChildren, key: string, args: AlarmArgs): void {
    awsAlarm(children, key, args, this.#alerts());
  }

  /**
   * Tells when the month's costs of what carries the stack's tag pass 80 %, and when they are
   * forecast to pass it all. AWS sums a tag only once it is activated for cost allocation.
   */
  budget({ monthlyUsd, email }: Budget): void {
    const notice = (notificationType: string, threshold: number) => ({
      notificationType,
      threshold,
      thresholdType: "PERCENTAGE",
      comparisonOperator: "GREATER_THAN",
      subscriberEmailAddresses: [email],
    });
    this.#children.make("budget", sdk.aws().budgets.Budget, {
      budgetType: "COST",
      timeUnit: "MONTHLY",
      limitAmount: String(monthlyUsd),
      limitUnit: "USD",
      costFilters: [{ name: "TagKeyValue", values: [`user:stack$${this.#children.scope.tags.stack}`] }],
      notifications: [notice("ACTUAL", 80), notice("FORECASTED", 100)],
    });
  }

  #alerts(): In | undefined {
    const { email } = this.#children.scope.alerts;
    if (!email) return undefined;
    this.#topic ??= alertTopic(this.#children.as(), email);
    return this.#topic;
  }
}
