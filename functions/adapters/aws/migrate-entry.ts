import type { Migration } from "../../stores/deployed.ts";
import { deployMigration } from "../migration.ts";
import { readAwsSecrets } from "./secrets.ts";

/** Its answer lands in Pulumi's state, so it says nothing. */
export function migrateLambda(migration: Migration) {
  return {
    async handler(): Promise<{ ok: true }> {
      await deployMigration(migration, readAwsSecrets);
      return { ok: true };
    },
  };
}
