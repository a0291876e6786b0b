import { readAwsSecrets } from "../adapters/aws-secrets.ts";
import { deployMigration } from "../adapters/migration.ts";
import type { Migration } from "../stores/deployed.ts";

/** Its answer lands in Pulumi's state, so it says nothing. */
export function migrateLambda(migration: Migration) {
  return {
    async handler(): Promise<{ ok: true }> {
      await deployMigration(migration, readAwsSecrets);
      return { ok: true };
    },
  };
}
