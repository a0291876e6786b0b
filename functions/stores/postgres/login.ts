import type pg from "pg";
import * as z from "zod/mini";
import { type DriverLogin, loginOf } from "../../adapters/environment.ts";

const PostgresLogin = z.object({
  driver: z.literal("postgres"),
  host: z.string(),
  port: z.number(),
  database: z.string(),
  user: z.string(),
  password: z.string(),
  tls: z.object({ mode: z.enum(["verify-full", "verify-ca", "off"]), ca: z.optional(z.string()) }),
});

/** The driver's settings for a login of `components/link.ts`. */
export function addressOf(login: DriverLogin, variable: string): pg.ClientConfig {
  const { driver: _, tls, ...plain } = loginOf(PostgresLogin, login, variable);
  if (tls.mode === "off") return { ...plain, ssl: false };
  return {
    ...plain,
    ssl: {
      rejectUnauthorized: true,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      // The certificate is checked, its name is not: of servers that are reached by another name than their own.
      ...(tls.mode === "verify-ca" ? { checkServerIdentity: () => undefined } : {}),
    },
  };
}
