import { mistakeText } from "../stores/custom-metrics.ts";
import type { Migration } from "../stores/deployed.ts";
import { readLogin, readOptional, readSecrets, type SecretsOf } from "./environment.ts";
import { withFreshGrants } from "./fresh-grants.ts";

/**
 * The migration as the environment describes it: the owner's login, and the users to make. Mistakes
 * in custom metrics are logged.
 */
export async function deployMigration(migration: Migration, secretsOf: SecretsOf = readSecrets): Promise<void> {
  const { env } = process;
  const mistakes = await withFreshGrants(env, async () => {
    const secrets = await secretsOf(env);
    return migration({
      owner: readLogin(env, "INTEGRAVIZ_STORE", secrets),
      roles: readOptional(env, "INTEGRAVIZ_ROLES"),
      passwords: secrets.roles ?? {},
    });
  });
  for (const mistake of mistakes) console.error(mistakeText(mistake));
}
