import { scryptSync } from "node:crypto";
import { type Login, splitLogin } from "../contract/login.ts";

/**
 * Tells one set of secrets from another and gives none away; "" where there is none. Slow on
 * purpose: a visualizer shows it to who may see the database, and a password may be short.
 * @param name of the deployment, which salts it
 */
export function fingerprint(reader: Login, name: string): string {
  const secrets = JSON.stringify(splitLogin<unknown>(reader).secrets);
  if (secrets === "{}") return "";
  return scryptSync(secrets, `integraviz ${name}`, 16, { N: 2 ** 14 }).toString("hex");
}
