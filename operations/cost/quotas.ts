/**
 * What runs out first when runs grow: the limits of each part, as its vendor states them by
 * default.
 */
import type { Made } from "./made.ts";
import { RDS_CLASSES } from "./prices.ts";
import { LOAD } from "./usage.ts";

export interface Quota {
  what: string;
  /** Events a second at which it is met. */
  eventsPerSecond: number;
  source: string;
}

type Inputs = Record<string, unknown>;
type QuotaRule = (inputs: Inputs, name: string) => Omit<Quota, "source">[];

/**
 * Events a second that a processor of PostgreSQL's stores: bench/results/ingest.md, batches of 500.
 */
const POSTGRES_EVENTS = 25_000;

const postgres = (cpus: number) => ({
  what: `PostgreSQL, ${cpus} vCPU`,
  eventsPerSecond: cpus * POSTGRES_EVENTS,
});

/** Requests a second that so many at once come to. */
const requests = (atOnce: number) => atOnce / LOAD.secondsPerRequest;
const events = (perSecond: number) => perSecond * LOAD.eventsPerRequest;

const QUOTAS: Readonly<Record<string, { source: string; rule: QuotaRule }>> = {
  "aws:apigatewayv2/stage:Stage": {
    source: "integraviz:api.api-gateway.rate",
    rule: ({ defaultRouteSettings }) => {
      const { throttlingRateLimit } = defaultRouteSettings as { throttlingRateLimit: number };
      return [{ what: `API Gateway, ${throttlingRateLimit} requests/s`, eventsPerSecond: events(throttlingRateLimit) }];
    },
  },
  "aws:lambda/function:Function": {
    source: "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html",
    rule: ({ reservedConcurrentExecutions }, name) => {
      if (name !== "rpc-lambda-function") return [];
      const atOnce = Number(reservedConcurrentExecutions ?? 1_000);
      return [{ what: `Lambda, ${atOnce} at once`, eventsPerSecond: events(requests(atOnce)) }];
    },
  },
  "gcp:cloudfunctionsv2/function:Function": {
    source: "integraviz:rpc.cloud-functions.maxInstances and concurrency",
    rule: ({ serviceConfig }, name) => {
      if (name !== "rpc-cloud-functions-function") return [];
      const { maxInstanceCount = 100, maxInstanceRequestConcurrency = 1 } = serviceConfig as Record<string, number>;
      const atOnce = maxInstanceCount * maxInstanceRequestConcurrency;
      return [{ what: `Cloud Functions, ${atOnce} at once`, eventsPerSecond: events(requests(atOnce)) }];
    },
  },
  "aws:rds/instance:Instance": {
    source: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html",
    rule: ({ instanceClass }, name) => {
      if (!name.startsWith("storage-")) return [];
      // max_connections is the memory in bytes by 9,531,392; twelve connections an instance of a
      // function.
      const connections = Math.floor((RDS_CLASSES[String(instanceClass)]?.memoryGb ?? 1) * (2 ** 30 / 9_531_392));
      return [
        { what: `RDS, ${connections} connections`, eventsPerSecond: events(requests(Math.floor(connections / 12))) },
        postgres(2),
      ];
    },
  },
  "gcp:sql/databaseInstance:DatabaseInstance": {
    source: "bench/results/ingest.md",
    rule: ({ settings }, name) => {
      const [, cpus = "1"] = /^db-custom-(\d+)-/.exec(String((settings as { tier?: string }).tier)) ?? [];
      return name.startsWith("storage-") ? [postgres(Number(cpus))] : [];
    },
  },
  "gcp:bigquery/dataset:Dataset": {
    source: "https://cloud.google.com/bigquery/quotas, streaming inserts",
    rule: (_, name) =>
      name.endsWith("-views")
        ? []
        : [{ what: "BigQuery, 300 MB/s streamed into a project", eventsPerSecond: 300e6 / LOAD.bytesPerEvent }],
  },
};

/** The quotas of all that was made, the first to be met first. */
export function quotasOf(made: readonly Made[]): Quota[] {
  return made
    .flatMap(({ type, name, inputs }) => {
      const { rule, source } = QUOTAS[type] ?? {};
      return (rule?.(inputs, name) ?? []).map((quota) => ({ ...quota, source: source as string }));
    })
    .sort((a, b) => a.eventsPerSecond - b.eventsPerSecond);
}
