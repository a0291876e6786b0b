import type { ComponentResource } from "@pulumi/pulumi";
import type { Scope } from "../making/scope.ts";
import type { AwsSettings } from "./aws/account.ts";
import { AwsHost } from "./aws/aws.ts";
import type { Budget } from "./budget.ts";
import { DockerHost, type DockerSettings } from "./docker/docker.ts";
import { GcpHost } from "./gcp/gcp.ts";
import type { GcpSettings } from "./gcp/project.ts";
import type { Host, HostKind } from "./host.ts";

export interface HostSettings {
  aws: AwsSettings;
  gcp: GcpSettings;
  docker: DockerSettings;
}

/**
 * The hosts of one deployment, each made when the first component needs it, and shared from then
 * on.
 */
export class Hosts {
  readonly made: { aws?: AwsHost; gcp?: GcpHost; docker?: DockerHost } = {};
  readonly #parent: ComponentResource;
  readonly #settings: HostSettings;
  readonly #scope: Scope;

  constructor(parent: ComponentResource, scope: Scope, settings: HostSettings) {
    this.#parent = parent;
    this.#scope = scope;
    this.#settings = settings;
  }

  aws(): AwsHost {
    this.made.aws ??= new AwsHost("aws", this.#scope, this.#settings.aws, { parent: this.#parent });
    return this.made.aws;
  }

  gcp(): GcpHost {
    this.made.gcp ??= new GcpHost("gcp", this.#scope, this.#settings.gcp, { parent: this.#parent });
    return this.made.gcp;
  }

  docker(): DockerHost {
    this.made.docker ??= new DockerHost("docker", this.#scope, this.#settings.docker, { parent: this.#parent });
    return this.made.docker;
  }

  /** A monthly budget in each cloud that is used. */
  budget(budget: Budget | undefined): void {
    if (!budget) return;
    this.made.aws?.budget(budget);
    this.made.gcp?.budget(budget);
  }

  of(kind: HostKind): Host {
    return this[kind]();
  }
}
