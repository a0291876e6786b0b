import * as z from "zod/mini";
import { type DriverLogin, loginOf } from "../../adapters/environment.ts";
import type { SnowflakeLogin } from "./connection.ts";

const Login = z.object({
  driver: z.literal("snowflake"),
  account: z.string(),
  user: z.string(),
  privateKey: z.string(),
  role: z.string(),
  warehouse: z.string(),
  database: z.string(),
  schema: z.string(),
  accessUrl: z.optional(z.string()),
});

/** A login of `components/link.ts` with its secret, as the store takes it. */
export function snowflakeLogin(login: DriverLogin, variable: string): SnowflakeLogin {
  const { driver: _, accessUrl, ...plain } = loginOf(Login, login, variable);
  return { ...plain, ...(accessUrl === undefined ? {} : { accessUrl }) };
}
