import * as z from "zod/mini";

/** PostgreSQL: user and password, over TLS. */
export const postgres = {
  schema: z.object({
    driver: z.literal("postgres"),
    host: z.string(),
    port: z.number(),
    database: z.string(),
    user: z.string(),
    password: z.string(),
    /**
     * How strictly the server's certificate is checked; the CA is PEM, for servers whose CA is not
     * a public one.
     */
    tls: z.object({ mode: z.enum(["verify-full", "verify-ca", "off"]), ca: z.optional(z.string()) }),
  }),
  secrets: ["password"],
} as const;
