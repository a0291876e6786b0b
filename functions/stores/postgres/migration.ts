import type { Migration } from "../deployed.ts";
import { addressOf } from "./login.ts";
import { migrate } from "./migrate.ts";
import { dropOtherUsers, ensureGroups, ensureUsers } from "./users.ts";

export const migration: Migration = async ({ owner, roles, passwords }) => {
  const address = addressOf(owner, "INTEGRAVIZ_STORE");
  await ensureGroups(address);
  await migrate(address);
  if (roles === null) return;
  await ensureUsers(address, roles, passwords);
  await dropOtherUsers(address, roles);
};
