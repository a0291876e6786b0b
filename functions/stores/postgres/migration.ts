import type { Migration } from "../deployed.ts";
import { addressOf } from "./login.ts";
import { migrate } from "./migrate.ts";
import { dropOtherPanelLogins, dropOtherUsers, ensureGroups, ensureUsers } from "./users.ts";

export const migration: Migration = async ({ owner, roles, passwords }) => {
  const address = addressOf(owner, "INTEGRAVIZ_STORE");
  await ensureGroups(address);
  const mistakes = await migrate(address);
  if (roles !== null) {
    await ensureUsers(address, roles, passwords);
    await dropOtherUsers(address, roles);
    await dropOtherPanelLogins(
      address,
      roles.reader.map((user) => passwords[user] as string),
    );
  }
  return mistakes;
};
