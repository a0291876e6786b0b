import type { Migration } from "../../stores/deployed.ts";
import { deployMigration } from "../migration.ts";
import { orExit } from "./or-exit.ts";

export function migrateNode(migration: Migration): void {
  orExit(async () => {
    await deployMigration(migration);
    console.log("The schema is current.");
  });
}
