import * as z from "zod/mini";

/** BigQuery: a Google service account, in one of three ways. */
export const bigquery = {
  schema: z.object({
    driver: z.literal("bigquery"),
    project: z.string(),
    /** The dataset of the events. */
    dataset: z.string(),
    /** The dataset of the views, authorized to read the other. */
    views: z.string(),
    location: z.string(),
    /** Another address of the service, such as a private one. */
    endpoint: z.optional(z.string()),
    auth: z.discriminatedUnion("by", [
      // The consumer runs as the account that holds the grant.
      z.object({ by: z.literal("ambient") }),
      // Its AWS role is exchanged for the account: workload identity federation, no key.
      z.object({ by: z.literal("aws"), audience: z.string(), serviceAccount: z.string() }),
      // For consumers with no identity Google could trust.
      z.object({ by: z.literal("key") }),
    ]),
    /** The account's key as JSON text, where `auth` is by key. */
    key: z.optional(z.string()),
  }),
  secrets: ["key"],
} as const;
