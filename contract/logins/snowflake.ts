import * as z from "zod/mini";

/** Snowflake: a service user's key pair. */
export const snowflake = {
  schema: z.object({
    driver: z.literal("snowflake"),
    account: z.string(),
    user: z.string(),
    /** PKCS#8 PEM. */
    privateKey: z.string(),
    role: z.string(),
    warehouse: z.string(),
    database: z.string(),
    schema: z.string(),
    /** Another address of the service, such as a private one. */
    accessUrl: z.optional(z.string()),
  }),
  secrets: ["privateKey"],
} as const;
