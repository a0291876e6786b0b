import { createHash } from "node:crypto";
import { interpolate, type Resource } from "@pulumi/pulumi";
import type { Principal } from "../../link.ts";
import { type Gcp, sdk } from "../../making/sdk.ts";
import type { HostChildren, Service, ServiceArgs } from "../host.ts";
import { serverErrors } from "./alarm.ts";
import type { GcpProject } from "./project.ts";
import { gcpSecret } from "./secret.ts";
import { memberOf } from "./services.ts";

type Account = Principal & { cloud: "gcp" };

export interface GcpServiceClasses {
  identity: typeof Gcp.serviceaccount.Account;
  serviceSecret: typeof Gcp.secretmanager.Secret;
  serviceSecretValue: typeof Gcp.secretmanager.SecretVersion;
  serviceSecretReader: typeof Gcp.secretmanager.SecretIamMember;
  init: typeof Gcp.cloudrunv2.Job;
  service: typeof Gcp.cloudrunv2.Service;
  gatekeeper: typeof Gcp.cloudrunv2.ServiceIamMember;
  people: typeof Gcp.iap.WebCloudRunServiceIamMember;
  task: typeof Gcp.iap.WebCloudRunServiceIamMember;
  taskSigner: typeof Gcp.serviceaccount.IAMMember;
  serviceErrors: typeof Gcp.monitoring.AlertPolicy;
}

/**
 * A Cloud Run service behind Identity-Aware Proxy, which lets in the people it is for, with their
 * Google accounts.
 */
export function gcpService(host: GcpProject, children: HostChildren, args: ServiceArgs): Service {
  const gcp = sdk.gcp();
  const { project, region } = host;
  const { principal, task } = args;
  if (principal.cloud !== "gcp" || task.cloud !== "gcp")
    throw new Error("a service on Google Cloud runs as a service account");
  const access = host.networkAccess();
  const enabled = [host.enable("run"), host.enable("iap")];
  const { envs, ready } = environment(host, children, args, principal);
  const shared = {
    serviceAccount: principal.email,
    vpcAccess: {
      egress: "PRIVATE_RANGES_ONLY",
      networkInterfaces: [{ network: access.network, subnetwork: access.subnetwork }],
    },
  };
  const resources = { limits: { cpu: String(args.cpu), memory: `${args.memory}Mi` } };
  const before: Resource[] = [...ready, ...enabled, ...host.networkReady(), ...args.dependsOn];

  const init = args.init
    ? [
        children.make(
          "init",
          gcp.cloudrunv2.Job,
          {
            project,
            location: region,
            deletionProtection: false,
            // A new release or a new command runs it again, and `up` waits for its end.
            runExecutionToken: token([args.image, ...args.init]),
            template: {
              template: {
                ...shared,
                maxRetries: 1,
                timeout: "1200s",
                containers: [
                  {
                    image: fullName(args.image),
                    commands: args.init.slice(0, 1),
                    args: args.init.slice(1),
                    envs,
                    resources,
                  },
                ],
              },
            },
          },
          { dependsOn: before },
        ),
      ]
    : [];
  const service = children.make(
    "service",
    gcp.cloudrunv2.Service,
    {
      project,
      location: region,
      deletionProtection: false,
      ingress: "INGRESS_TRAFFIC_ALL",
      iapEnabled: true,
      template: {
        ...shared,
        // A dashboard keeps sessions and schedules in memory: one instance at least, its CPU always
        // on.
        scaling: { minInstanceCount: 1, maxInstanceCount: 1 },
        timeout: "300s",
        containers: [
          {
            image: fullName(args.image),
            ...(args.command ? { commands: args.command.slice(0, 1), args: args.command.slice(1) } : {}),
            envs,
            ports: { containerPort: args.port },
            resources: { ...resources, cpuIdle: false, startupCpuBoost: true },
            startupProbe: {
              httpGet: { path: args.health },
              periodSeconds: 10,
              timeoutSeconds: 5,
              failureThreshold: Math.ceil(args.startupSeconds / 10),
            },
            livenessProbe: { httpGet: { path: args.health }, periodSeconds: 30, timeoutSeconds: 5 },
          },
        ],
      },
    },
    { dependsOn: [...before, ...init] },
  );
  const gatekeeper = children.make("gatekeeper", gcp.cloudrunv2.ServiceIamMember, {
    project,
    location: region,
    name: service.name,
    role: "roles/run.invoker",
    member: host.agent("iap"),
  });
  const people = args.allow.map((member) =>
    children.make(
      "people",
      gcp.iap.WebCloudRunServiceIamMember,
      { project, location: region, cloudRunServiceName: service.name, role: "roles/iap.httpsResourceAccessor", member },
      { each: member },
    ),
  );
  const admitted = admit(host, children, task, service);
  host.alarm(children, "serviceErrors", {
    description: `${children.stem}: the dashboard answers with errors`,
    ...serverErrors(service.name),
    above: 10,
  });
  return {
    url: service.uri,
    inside: { url: service.uri, access: { via: "internet" }, iap: task.email },
    ready: [service, gatekeeper, ...people, ...admitted],
  };
}

/** Identity-Aware Proxy lets a task in with a token that it signs as itself. */
function admit(host: GcpProject, children: HostChildren, task: Account, service: Gcp.cloudrunv2.Service): Resource[] {
  const gcp = sdk.gcp();
  const { project, region } = host;
  return [
    children.make("task", gcp.iap.WebCloudRunServiceIamMember, {
      project,
      location: region,
      cloudRunServiceName: service.name,
      role: "roles/iap.httpsResourceAccessor",
      member: memberOf(task),
    }),
    children.make(
      "taskSigner",
      gcp.serviceaccount.IAMMember,
      {
        serviceAccountId: interpolate`projects/${project}/serviceAccounts/${task.email}`,
        role: "roles/iam.serviceAccountTokenCreator",
        member: memberOf(task),
      },
      { dependsOn: [host.enable("iamcredentials")] },
    ),
  ];
}

function environment(host: GcpProject, children: HostChildren, args: ServiceArgs, reader: Account) {
  const secrets = Object.entries(args.secrets).map(([name, value]) => ({
    name,
    ref: gcpSecret(host, children, "serviceSecret", value, reader, name.toLowerCase().replaceAll("_", "-")),
  }));
  return {
    envs: [
      ...Object.entries(args.env).map(([name, value]) => ({ name, value })),
      ...secrets.map(({ name, ref }) => ({
        name,
        valueSource: { secretKeyRef: { secret: ref.id, version: ref.version } },
      })),
    ],
    ready: secrets.flatMap(({ ref }) => ref.ready),
  };
}

function token(parts: string[]): string {
  return createHash("sha256").update(parts.join("\n")).digest("hex").slice(0, 12);
}

/** Cloud Run wants the registry in an image's name. */
function fullName(image: string): string {
  return image.split("/")[0]?.includes(".") ? image : `docker.io/${image}`;
}
