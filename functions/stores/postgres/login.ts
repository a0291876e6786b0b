import type pg from "pg";
import { postgres } from "../../../contract/logins/postgres.ts";
import { checked, type DriverLogin } from "../../adapters/environment.ts";

/** The driver's settings for a login of the contract. */
export function addressOf(login: DriverLogin, variable: string): pg.ClientConfig {
  const { driver: _, tls, ...plain } = checked(variable, postgres.schema, login);
  if (tls.mode === "off") return { ...plain, ssl: false };
  return {
    ...plain,
    ssl: {
      rejectUnauthorized: true,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      // The certificate is checked, its name is not: of servers that are reached by another name
      // than their own.
      ...(tls.mode === "verify-ca" ? { checkServerIdentity: () => undefined } : {}),
    },
  };
}
