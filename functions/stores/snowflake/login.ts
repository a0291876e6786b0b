import { snowflake } from "../../../contract/logins/snowflake.ts";
import { checked, type DriverLogin } from "../../adapters/environment.ts";
import type { SnowflakeLogin } from "./connection.ts";

/** Reads a login, as the store takes it. */
export function snowflakeLogin(login: DriverLogin, variable: string): SnowflakeLogin {
  const { driver: _, accessUrl, ...plain } = checked(variable, snowflake.schema, login);
  return { ...plain, ...(accessUrl === undefined ? {} : { accessUrl }) };
}
