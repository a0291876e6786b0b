/**
 * List prices in USD, in Frankfurt (AWS eu-central-1, Google europe-west3) where a price differs by
 * region. No vendor serves a price list without an account; a price that was not read on the
 * vendor's own page is unverified.
 */

export interface Price {
  usd: number;
  per: string;
  /** The vendor's page. */
  source: string;
  /** Where it was read on that page, the region it stands there for; else it is unverified. */
  read?: string;
}

/** When the table was last gone over. */
export const PRICES_DATE = "2026-11-30";

const aws = (service: string) => `https://aws.amazon.com/${service}/pricing/`;
const google = (service: string) => `https://cloud.google.com/${service}/pricing`;

/** A month of a cloud's bill. */
export const HOURS = 730;

export const prices = {
  "nat gateway": { usd: 0.052, per: "hour", source: aws("vpc") },
  "public IPv4 address": { usd: 0.005, per: "hour", source: aws("vpc") },
  "load balancer": { usd: 0.027, per: "hour", source: aws("elasticloadbalancing") },
  "fargate vCPU": { usd: 0.04656, per: "hour", source: aws("fargate") },
  "fargate GB": { usd: 0.00511, per: "hour", source: aws("fargate") },
  "rds storage": { usd: 0.137, per: "GB a month", source: aws("rds/postgresql") },
  "rds proxy": { usd: 0.018, per: "vCPU and hour", source: aws("rds/proxy") },
  "web acl": { usd: 5, per: "month", source: aws("waf") },
  "web acl rule": { usd: 1, per: "month", source: aws("waf") },
  "container insights": { usd: 5, per: "cluster and month, about", source: aws("cloudwatch") },
  "aws secret": { usd: 0.4, per: "month", source: aws("secrets-manager") },
  "aws alarm": { usd: 0.1, per: "month", source: aws("cloudwatch") },
  "http api": { usd: 1, per: "million requests", source: aws("api-gateway"), read: "us-east-1" },
  "lambda request": { usd: 0.2, per: "million", source: aws("lambda"), read: "us-east-1" },
  "lambda GB-second": { usd: 0.0000166667, per: "GB-second", source: aws("lambda"), read: "us-east-1" },
  "sqs request": { usd: 0.4, per: "million", source: aws("sqs") },
  "cloud run vCPU": { usd: 0.0000216, per: "second, always on", source: google("run") },
  "cloud run GiB": { usd: 0.0000024, per: "second, always on", source: google("run") },
  "cloud run busy vCPU": { usd: 0.0000336, per: "second of requests", source: google("run") },
  "cloud run busy GiB": { usd: 0.0000035, per: "second of requests", source: google("run") },
  "cloud run request": { usd: 0.4, per: "million", source: google("run"), read: "tier 1" },
  "cloud sql vCPU": { usd: 0.0537, per: "hour", source: google("sql") },
  "cloud sql GB": { usd: 0.0091, per: "hour of memory", source: google("sql") },
  "cloud sql db-f1-micro": { usd: 0.0137, per: "hour", source: google("sql") },
  "cloud sql storage": { usd: 0.221, per: "GB a month, SSD", source: google("sql") },
  "google secret": { usd: 0.06, per: "version and month", source: google("secret-manager") },
  "pub/sub": { usd: 40, per: "TiB", source: google("pubsub") },
  "bigquery streaming": { usd: 0.05, per: "GB", source: google("bigquery") },
  "bigquery storage": { usd: 0.023, per: "GB a month", source: google("bigquery") },
  "bigquery query": { usd: 6.25, per: "TiB read", source: google("bigquery") },
  "snowflake credit": { usd: 2.6, per: "credit, Standard edition", source: "https://www.snowflake.com/pricing/" },
  "snowflake storage": { usd: 0.025, per: "GB a month", source: "https://www.snowflake.com/pricing/" },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof prices;

/** RDS for PostgreSQL in one zone. */
export const RDS_CLASSES: Readonly<Record<string, { usdAnHour: number; memoryGb: number }>> = {
  "db.t4g.micro": { usdAnHour: 0.018, memoryGb: 1 },
  "db.t4g.small": { usdAnHour: 0.036, memoryGb: 2 },
  "db.t4g.medium": { usdAnHour: 0.073, memoryGb: 4 },
  "db.t4g.large": { usdAnHour: 0.146, memoryGb: 8 },
  "db.m7g.large": { usdAnHour: 0.193, memoryGb: 8 },
  "db.r7g.large": { usdAnHour: 0.274, memoryGb: 16 },
};

/**
 * Credits an hour of a standard warehouse. Read on
 * https://docs.snowflake.com/en/user-guide/cost-understanding-compute.
 */
export const CREDITS: Readonly<Record<string, number>> = {
  XSMALL: 1,
  SMALL: 2,
  MEDIUM: 4,
  LARGE: 8,
  XLARGE: 16,
  XXLARGE: 32,
};

/** USD of so much of something. */
export function priced(name: PriceName, amount: number): number {
  return prices[name].usd * amount;
}
