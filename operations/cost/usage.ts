/** What events cost: by the requests that carry them, what works on them and what keeps them. */
import type { Made } from "./made.ts";
import { CREDITS, type PriceName, priced } from "./prices.ts";
import { gibOf } from "./rates.ts";

/** The load that a figure is for. A client sends what gathered in half a second. */
export const LOAD = {
  eventsPerRequest: 50,
  /** Seconds that a function works on one request. */
  secondsPerRequest: 0.05,
  /** Bytes of an event with five metrics, as it is sent and streamed. */
  bytesPerEvent: 400,
  /** Bytes that it takes in PostgreSQL, log and columns and indexes. */
  bytesStored: 530,
  /** BigQuery bills each streamed row as 1 kB at least. */
  bytesStreamed: 1_024,
};

/** How much of what an amount of events takes. */
export interface Use {
  what: string;
  price: PriceName;
  amount: number;
}

const MILLION = 1e6;
const GB = 1e9;
const TIB = 2 ** 40;

/** What Lambda bills for so many requests, free tiers aside. */
export function lambdaUse(requests: number, seconds: number, memoryMb: number): Use[] {
  return [
    { what: "Lambda, requests", price: "lambda request", amount: requests / MILLION },
    { what: "Lambda, time", price: "lambda GB-second", amount: (requests * seconds * memoryMb) / 1024 },
  ];
}

type UseRule = (made: Made, requests: number, events: number) => Use[];

const USES: Readonly<Record<string, UseRule>> = {
  "aws:apigatewayv2/api:Api": (_, requests) => [
    { what: "API Gateway, requests", price: "http api", amount: requests / MILLION },
  ],
  "aws:lambda/function:Function": ({ name, inputs }, requests) =>
    isOfEvents(name) ? lambdaUse(requests, LOAD.secondsPerRequest, Number(inputs.memorySize)) : [],
  // Sent, received and deleted.
  "aws:sqs/queue:Queue": ({ name }, requests) =>
    name.includes("dead-letters")
      ? []
      : [{ what: "SQS, requests", price: "sqs request", amount: (3 * requests) / MILLION }],
  "gcp:cloudrunv2/service:Service": ({ name }, requests) =>
    name.startsWith("api-") ? cloudRunUse("Cloud Run", requests, 1, 0.5) : [],
  "gcp:cloudfunctionsv2/function:Function": ({ name, inputs }, requests) => {
    const { availableCpu = "1", availableMemory = "512Mi" } = inputs.serviceConfig as Record<string, string>;
    return isOfEvents(name)
      ? cloudRunUse("Cloud Functions", requests, Number(availableCpu), gibOf(availableMemory))
      : [];
  },
  // Published and delivered.
  "gcp:pubsub/topic:Topic": ({ name }, _, events) =>
    name.includes("dead-letters")
      ? []
      : [{ what: "Pub/Sub", price: "pub/sub", amount: (2 * events * LOAD.bytesPerEvent) / TIB }],
  "gcp:bigquery/dataset:Dataset": ({ name }, _, events) =>
    name.endsWith("-views")
      ? []
      : [
          { what: "BigQuery, streamed", price: "bigquery streaming", amount: (events * LOAD.bytesStreamed) / GB },
          { what: "BigQuery, kept a month", price: "bigquery storage", amount: (events * LOAD.bytesPerEvent) / GB },
        ],
  "aws:rds/instance:Instance": ({ name }, _, events) =>
    name.startsWith("storage-")
      ? [{ what: "RDS, disk for a month", price: "rds storage", amount: (events * LOAD.bytesStored) / GB }]
      : [],
  "gcp:sql/databaseInstance:DatabaseInstance": ({ name }, _, events) =>
    name.startsWith("storage-")
      ? [{ what: "Cloud SQL, disk for a month", price: "cloud sql storage", amount: (events * LOAD.bytesStored) / GB }]
      : [],
};

/** The handler and the worker, not what runs once at `pulumi up`. */
const isOfEvents = (name: string) => name.startsWith("rpc-");

function cloudRunUse(what: string, requests: number, cpu: number, gib: number): Use[] {
  const seconds = requests * LOAD.secondsPerRequest;
  return [
    { what: `${what}, requests`, price: "cloud run request", amount: requests / MILLION },
    { what: `${what}, CPU`, price: "cloud run busy vCPU", amount: seconds * cpu },
    { what: `${what}, memory`, price: "cloud run busy GiB", amount: seconds * gib },
  ];
}

/** What so many events take of all that was made. */
export function useOf(made: readonly Made[], events: number): Use[] {
  const requests = events / LOAD.eventsPerRequest;
  return made.flatMap((one) => USES[one.type]?.(one, requests, events) ?? []);
}

export function costOf(uses: readonly Use[]): number {
  return uses.reduce((sum, { price, amount }) => sum + priced(price, amount), 0);
}

/**
 * USD of an hour in which some run trains, where a warehouse has to be awake for it; 0 where none
 * has. A warehouse bills from its waking to its sleep, `autoSuspend` seconds after the last insert.
 * @param everySeconds how often a batch is inserted
 * @param insertSeconds how long an insert takes
 */
export function trainingHour(made: readonly Made[], everySeconds = 0.5, insertSeconds = 2): number {
  const warehouse = made.find(({ type }) => type.startsWith("snowflake:") && type.endsWith(":Warehouse"));
  if (warehouse === undefined) return 0;
  const { warehouseSize, autoSuspend } = warehouse.inputs;
  const credits = CREDITS[String(warehouseSize)] ?? 1;
  return priced("snowflake credit", credits * awakeShare(everySeconds, insertSeconds, Number(autoSuspend)));
}

/** The share of the time that a warehouse is billed for. */
export function awakeShare(everySeconds: number, insertSeconds: number, autoSuspend: number): number {
  return Math.min(1, (insertSeconds + autoSuspend) / everySeconds);
}
