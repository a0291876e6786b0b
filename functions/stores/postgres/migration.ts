import type { Migration } from "../deployed.ts";
import { retrying } from "./connection.ts";
import { addressOf } from "./login.ts";
import { migrate } from "./migrate.ts";
import { dropOtherPanelLogins, dropOtherUsers, ensureGroups, ensureUsers } from "./users.ts";

/** A server that was made a moment ago may not answer yet. */
const SERVER_DEADLINE_MS = 60_000;

export const migration: Migration = async ({ owner, roles, passwords }) => {
  const address = addressOf(owner, "INTEGRAVIZ_STORE");
  await retrying(() => ensureGroups(address), { deadlineMs: SERVER_DEADLINE_MS });
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
