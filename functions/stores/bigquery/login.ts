import { bigquery } from "../../../contract/logins/bigquery.ts";
import { checked, type DriverLogin, EnvironmentError } from "../../adapters/environment.ts";
import type { BigqueryLogin } from "./client.ts";

/** Reads a login, as the store takes it. */
export function bigqueryLogin(login: DriverLogin, variable: string): BigqueryLogin {
  const { driver: _, endpoint, auth, key, ...plain } = checked(variable, bigquery.schema, login);
  const service = { ...plain, ...(endpoint === undefined ? {} : { endpoint }) };
  if (auth.by !== "key") return { ...service, auth };
  if (key === undefined) throw new EnvironmentError(variable, "logs in by a key, and its secret has none.");
  if (!isJson(key)) throw new EnvironmentError(variable, "logs in by a key that is not JSON.");
  return { ...service, auth: { by: "key", key } };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
