import {
  all,
  type ComponentResourceOptions,
  type Input,
  interpolate,
  jsonStringify,
  type Output,
  output,
  type Resource,
  secret,
} from "@pulumi/pulumi";
import { type Bundle, bundle } from "../../bundle.ts";
import { mistake } from "../../checking/mistake.ts";
import type { In, NetworkAccess, Principal } from "../../link.ts";
import { Children } from "../../making/children.ts";
import type { Scope } from "../../making/scope.ts";
import { type Docker, type Random, sdk } from "../../making/sdk.ts";
import {
  Host,
  type HostChildren,
  type JobArgs,
  type PostgresArgs,
  type Service,
  type ServiceArgs,
  type SqlServer,
} from "../host.ts";
import { NODE } from "../node.ts";

export interface DockerSettings {
  /** The address of the machine that published ports listen on. */
  address: string;
}

export interface DockerHostClasses {
  network: typeof Docker.Network;
  image: typeof Docker.RemoteImage;
}

export interface DockerPostgresClasses {
  databasePassword: typeof Random.RandomPassword;
  databaseVolume: typeof Docker.Volume;
  database: typeof Docker.Container;
}

export interface DockerJobClasses {
  once: typeof Docker.Container;
}

export interface DockerServiceClasses {
  init: typeof Docker.Container;
  service: typeof Docker.Container;
}

export interface ContainerArgs {
  image: string;
  env: Record<string, Input<string>>;
  /** Become environment as well, as secrets of the state. */
  secrets?: Record<string, Output<string>>;
  code?: Bundle;
  command?: Input<string>[];
  ports?: { inside: number; outside: number };
  volumes?: { volumeName: In; containerPath: string }[];
  healthcheck?: { test: string[]; startSeconds: number };
  /** Runs to its end, for which `up` waits, and so does what depends on it: for a good one. */
  runsOnce?: boolean;
  each?: string;
  /** Other things that a change of must replace it. */
  labels?: Record<string, Input<string>>;
  dependsOn?: Resource[];
}

/** The Docker engine of one machine: a network of its own, and ports on the loopback address. */
export class DockerHost extends Host {
  readonly kind = "docker";
  readonly nodes;
  readonly address: string;
  readonly #children: Children<DockerHostClasses>;
  readonly #images = new Map<string, Docker.RemoteImage>();
  readonly #endedWell = new Map<Resource, Output<Resource>>();
  #network: Docker.Network | undefined;

  constructor(name: string, scope: Scope, settings: DockerSettings, opts: ComponentResourceOptions) {
    super(name, opts);
    this.address = settings.address;
    this.#children = new Children<DockerHostClasses>(this, scope, name);
    this.nodes = this.#children.nodes;
    this.registerOutputs({});
  }

  networkAccess(): NetworkAccess & { via: "docker" } {
    this.#network ??= this.#children.make("network", sdk.docker().Network, { driver: "bridge" });
    return { via: "docker", network: this.#network.name };
  }

  identity(): Principal {
    return { cloud: "none" };
  }

  taskIdentity(): Principal {
    return { cloud: "none" };
  }

  /** A container in the deployment's network, reachable there under its own name. */
  container(children: HostChildren, key: string, args: ContainerArgs): Docker.Container {
    const secrets = Object.entries(args.secrets ?? {}).map(([name, value]) => secret(interpolate`${name}=${value}`));
    const made = children.make(
      key,
      sdk.docker().Container,
      {
        image: this.#image(args.image).imageId,
        envs: [...Object.entries(args.env).map(([name, value]) => interpolate`${name}=${value}`), ...secrets],
        ...(args.command ? { command: args.command } : {}),
        networksAdvanced: [{ name: this.networkAccess().network }],
        ...(args.ports
          ? { ports: [{ internal: args.ports.inside, external: args.ports.outside, ip: this.address }] }
          : {}),
        ...(args.volumes ? { volumes: args.volumes } : {}),
        ...(args.code
          ? { uploads: [{ file: "/app/index.mjs", source: args.code.path, sourceHash: args.code.hash }] }
          : {}),
        ...(args.healthcheck
          ? {
              healthcheck: {
                tests: args.healthcheck.test,
                interval: "5s",
                timeout: "5s",
                retries: 12,
                startPeriod: `${args.healthcheck.startSeconds}s`,
              },
              wait: true,
              waitTimeout: args.healthcheck.startSeconds + 120,
            }
          : {}),
        ...(args.runsOnce
          ? { mustRun: false, attach: true, logs: true, restart: "no" }
          : { restart: "unless-stopped" }),
        labels: Object.entries(args.labels ?? {}).map(([label, value]) => ({ label, value })),
      },
      // A container's name is free only once its predecessor is gone.
      {
        deleteBeforeReplace: true,
        ...(args.each === undefined ? {} : { each: args.each }),
        dependsOn: (args.dependsOn ?? []).map((one) => this.#endedWell.get(one) ?? one),
      },
    );
    if (args.runsOnce) this.#endedWell.set(made, endedWell(made));
    return made;
  }

  #image(name: string): Docker.RemoteImage {
    let image = this.#images.get(name);
    if (!image) {
      image = this.#children.make(
        "image",
        sdk.docker().RemoteImage,
        { name, keepLocally: true },
        { each: name.replace(/[^a-z0-9]+/g, "-") },
      );
      this.#images.set(name, image);
    }
    return image;
  }

  service(children: HostChildren, args: ServiceArgs): Service {
    const shared = { image: args.image, env: args.env, secrets: args.secrets };
    const init = args.init
      ? [this.container(children, "init", { ...shared, command: args.init, runsOnce: true, dependsOn: args.dependsOn })]
      : [];
    const outside = args.localPort ?? args.port;
    const service = this.container(children, "service", {
      ...shared,
      ...(args.command ? { command: args.command } : {}),
      ports: { inside: args.port, outside },
      healthcheck: {
        test: ["CMD-SHELL", `curl -fsS http://127.0.0.1:${args.port}${args.health} || exit 1`],
        startSeconds: args.startupSeconds,
      },
      dependsOn: [...init, ...args.dependsOn],
    });
    return {
      url: output(`http://${this.address}:${outside}`),
      inside: { url: interpolate`http://${service.name}:${args.port}`, access: this.networkAccess() },
      ready: [service],
    };
  }

  job(children: HostChildren, args: JobArgs): Resource {
    return this.container(children, "once", {
      image: NODE.image,
      code: bundle(children.scope.bundles, args.bundles.node),
      command: ["node", "/app/index.mjs"],
      env: args.env,
      secrets: { INTEGRAVIZ_SECRETS: args.secrets },
      labels: { "integraviz.again": jsonStringify(args.again) },
      runsOnce: true,
      each: args.each,
      dependsOn: args.dependsOn,
    });
  }

  postgres(children: HostChildren, args: PostgresArgs): SqlServer {
    const always = args.keep === "always";
    const kept = { protect: always, retainOnDelete: always };
    const password = children.make(
      "databasePassword",
      sdk.random().RandomPassword,
      { length: 40, special: false },
      kept,
    );
    const volume = children.make(
      "databaseVolume",
      sdk.docker().Volume,
      {},
      // Docker knows no way to label a volume that stands, and another tag is no reason for another
      // volume.
      { ...kept, ignoreChanges: ["labels"] },
    );
    const database = this.container(children, "database", {
      image: `postgres:${args.version}`,
      env: { POSTGRES_DB: args.database, POSTGRES_USER: args.owner, PGDATA: "/data/pgdata" },
      secrets: { POSTGRES_PASSWORD: password.result },
      volumes: [{ volumeName: volume.name, containerPath: "/data" }],
      ...(args.localPort === undefined ? {} : { ports: { inside: 5432, outside: args.localPort } }),
      // By TCP: the server that first sets the database up answers on its socket only.
      healthcheck: {
        test: ["CMD-SHELL", `pg_isready -h 127.0.0.1 -U ${args.owner} -d ${args.database}`],
        startSeconds: 10,
      },
    });
    return {
      login: {
        driver: "postgres",
        host: database.name,
        port: 5432,
        database: args.database,
        user: args.owner,
        password: password.result,
        // The connection never leaves this machine's bridge network.
        tls: { mode: "off" },
      },
      access: this.networkAccess(),
      ready: [database],
    };
  }
}

/**
 * The provider takes any end for a good one, and keeps a container that failed in the state as one
 * that stands.
 */
function endedWell(task: Docker.Container): Output<Resource> {
  return all([task.exitCode, task.name, task.urn]).apply(([code, name, urn]) => {
    if (code)
      throw mistake(
        `${name} failed with exit code ${code}.\n  log: docker logs ${name}\n  fix: mend what it says, then pulumi up --replace '${urn}'`,
      );
    return task;
  });
}
