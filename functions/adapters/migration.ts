import type { Migration } from "../stores/deployed.ts";
import { readLogin, readRoles, readSecrets, type Variables } from "./environment.ts";

/** The migration as the environment describes it: the owner's login, and the users to make. */
export async function deployMigration(migration: Migration, env: Variables = process.env): Promise<void> {
  const secrets = await readSecrets(env);
  await migration({
    owner: readLogin(env, "INTEGRAVIZ_STORE", secrets),
    roles: readRoles(env),
    passwords: secrets.roles ?? {},
  });
}
