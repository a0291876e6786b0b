import type { ComponentResource } from "@pulumi/pulumi";
import type { Context } from "../making/context.ts";
import { AwsHost, type AwsSettings } from "./aws/aws.ts";
import { DockerHost, type DockerSettings } from "./docker/docker.ts";
import { GcpHost, type GcpSettings } from "./gcp/gcp.ts";
import type { Host, HostKind } from "./host.ts";

export interface HostSettings {
  aws: AwsSettings;
  gcp: GcpSettings;
  docker: DockerSettings;
}

export interface Budget {
  monthlyUsd: number;
  email: string;
  billingAccount?: string | undefined;
}

/** The hosts of one deployment, each made when the first component needs it, and shared from then on. */
export class Hosts {
  readonly made: { aws?: AwsHost; gcp?: GcpHost; docker?: DockerHost } = {};
  readonly #parent: ComponentResource;
  readonly #settings: HostSettings;
  #context: Context | undefined;

  constructor(parent: ComponentResource, settings: HostSettings) {
    this.#parent = parent;
    this.#settings = settings;
  }

  /** The context refers to its hosts and they to it, hence the second step. */
  within(context: Context): void {
    this.#context = context;
  }

  aws(): AwsHost {
    this.made.aws ??= new AwsHost("aws", this.#context!, this.#settings.aws, { parent: this.#parent });
    return this.made.aws;
  }

  gcp(): GcpHost {
    this.made.gcp ??= new GcpHost("gcp", this.#context!, this.#settings.gcp, { parent: this.#parent });
    return this.made.gcp;
  }

  docker(): DockerHost {
    this.made.docker ??= new DockerHost("docker", this.#context!, this.#settings.docker, { parent: this.#parent });
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
