/**
 * What each type of resource costs, whether anybody trains or not. What is not here costs nothing
 * by itself.
 */
import type { Made } from "./made.ts";
import { HOURS, type PriceName, priced, RDS_CLASSES } from "./prices.ts";

/** A resource on the bill. */
export interface Charge {
  resource: string;
  what: string;
  /** USD a month, or null where the table has no price. */
  usd: number | null;
}

type Inputs = Record<string, unknown>;
type Rate = (inputs: Inputs) => Omit<Charge, "resource">[];

const SECONDS = HOURS * 3600;
const hourly = (name: PriceName, amount = 1) => priced(name, HOURS * amount);
const once = (what: string, usd: number | null): Omit<Charge, "resource">[] => [{ what, usd }];

export const RATES: Readonly<Record<string, Rate>> = {
  "aws:ec2/natGateway:NatGateway": () => once("NAT gateway", hourly("nat gateway")),
  "aws:ec2/eip:Eip": () => once("public IPv4 address", hourly("public IPv4 address")),
  "aws:lb/loadBalancer:LoadBalancer": () => once("load balancer", hourly("load balancer")),
  "aws:wafv2/webAcl:WebAcl": ({ rules = [] }) =>
    once("web ACL", priced("web acl", 1) + priced("web acl rule", (rules as unknown[]).length)),
  "aws:ecs/cluster:Cluster": ({ settings = [] }) =>
    once("Container Insights", JSON.stringify(settings).includes("enabled") ? priced("container insights", 1) : 0),
  "aws:ecs/taskDefinition:TaskDefinition": ({ cpu, memory }) =>
    once(
      `Fargate, ${Number(cpu) / 1024} vCPU and ${Number(memory) / 1024} GB`,
      hourly("fargate vCPU", Number(cpu) / 1024) + hourly("fargate GB", Number(memory) / 1024),
    ),
  "aws:rds/instance:Instance": ({ instanceClass, allocatedStorage, multiAz }) => {
    const zones = multiAz === true ? 2 : 1;
    const hour = RDS_CLASSES[String(instanceClass)]?.usdAnHour;
    return [
      { what: `RDS ${instanceClass}${zones === 2 ? ", two zones" : ""}`, usd: hour ? hour * HOURS * zones : null },
      { what: `${allocatedStorage} GB of disk`, usd: priced("rds storage", Number(allocatedStorage) * zones) },
    ];
  },
  // Billed by the instance's vCPUs, of which there are two at least.
  "aws:rds/proxy:Proxy": () => once("RDS Proxy", hourly("rds proxy", 2)),
  "aws:secretsmanager/secret:Secret": () => once("secret", priced("aws secret", 1)),
  "aws:cloudwatch/metricAlarm:MetricAlarm": () => once("alarm", priced("aws alarm", 1)),
  "gcp:cloudrunv2/service:Service": ({ template }) => {
    const { scaling, containers } = template as {
      scaling?: { minInstanceCount?: number };
      containers: { resources?: { limits?: { cpu: string; memory: string } } }[];
    };
    const instances = scaling?.minInstanceCount ?? 0;
    const { cpu = "1", memory = "512Mi" } = containers[0]?.resources?.limits ?? {};
    const gib = gibOf(memory);
    return instances === 0
      ? []
      : once(
          `Cloud Run, ${instances} x ${cpu} vCPU and ${gib} GiB, always on`,
          instances * (priced("cloud run vCPU", SECONDS * Number(cpu)) + priced("cloud run GiB", SECONDS * gib)),
        );
  },
  "gcp:cloudfunctionsv2/function:Function": ({ serviceConfig }) => {
    const {
      minInstanceCount = 0,
      availableCpu = "1",
      availableMemory = "512Mi",
    } = serviceConfig as {
      minInstanceCount?: number;
      availableCpu?: string;
      availableMemory?: string;
    };
    return minInstanceCount === 0
      ? []
      : once(
          `${minInstanceCount} warm instances`,
          minInstanceCount *
            (priced("cloud run vCPU", SECONDS * Number(availableCpu)) +
              priced("cloud run GiB", SECONDS * gibOf(availableMemory))),
        );
  },
  "gcp:sql/databaseInstance:DatabaseInstance": ({ settings }) => {
    const { tier, diskSize, availabilityType } = settings as Record<string, unknown>;
    const zones = availabilityType === "REGIONAL" ? 2 : 1;
    const hour = cloudSqlHour(String(tier));
    return [
      { what: `Cloud SQL ${tier}${zones === 2 ? ", two zones" : ""}`, usd: hour && hour * HOURS * zones },
      { what: `${diskSize} GB of disk`, usd: priced("cloud sql storage", Number(diskSize) * zones) },
    ];
  },
  "gcp:secretmanager/secretVersion:SecretVersion": () => once("secret", priced("google secret", 1)),
};

/** `db-custom-2-7680` is two vCPUs and 7,680 MB. */
function cloudSqlHour(tier: string): number | null {
  if (tier === "db-f1-micro") return priced("cloud sql db-f1-micro", 1);
  const [, cpus, megabytes] = /^db-custom-(\d+)-(\d+)$/.exec(tier) ?? [];
  if (cpus === undefined) return null;
  return priced("cloud sql vCPU", Number(cpus)) + priced("cloud sql GB", Number(megabytes) / 1024);
}

export function gibOf(memory: string): number {
  const [, amount = "0", unit] = /^([\d.]+)(Mi|Gi|M|G)?$/.exec(memory) ?? [];
  return unit?.startsWith("M") ? Number(amount) / 1024 : Number(amount);
}

/** What all that was made costs a month at rest, the dearest first. */
export function atRest(made: readonly Made[]): Charge[] {
  return made
    .flatMap(({ type, name, inputs }) => (RATES[type]?.(inputs) ?? []).map((charge) => ({ resource: name, ...charge })))
    .filter(({ usd }) => usd !== 0)
    .sort((a, b) => (b.usd ?? Number.POSITIVE_INFINITY) - (a.usd ?? Number.POSITIVE_INFINITY));
}
