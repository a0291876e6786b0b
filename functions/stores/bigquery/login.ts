import * as z from "zod/mini";
import { type DriverLogin, EnvironmentError, loginOf } from "../../adapters/environment.ts";
import type { BigqueryLogin } from "./client.ts";

const Login = z.object({
  driver: z.literal("bigquery"),
  project: z.string(),
  dataset: z.string(),
  views: z.string(),
  location: z.string(),
  endpoint: z.optional(z.string()),
  auth: z.discriminatedUnion("by", [
    z.object({ by: z.literal("ambient") }),
    z.object({ by: z.literal("aws"), audience: z.string(), serviceAccount: z.string() }),
    z.object({ by: z.literal("key") }),
  ]),
  /** The secret of `auth` by key. */
  key: z.optional(z.string()),
});

/** A login of `components/link.ts` with its secret, as the store takes it. */
export function bigqueryLogin(login: DriverLogin, variable: string): BigqueryLogin {
  const { driver: _, endpoint, auth, key, ...plain } = loginOf(Login, login, variable);
  const address = { ...plain, ...(endpoint === undefined ? {} : { endpoint }) };
  if (auth.by !== "key") return { ...address, auth };
  if (key === undefined) throw new EnvironmentError(variable, "logs in by a key, and its secret has none.");
  if (!isJson(key)) throw new EnvironmentError(variable, "logs in by a key that is not JSON.");
  return { ...address, auth: { by: "key", key } };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
