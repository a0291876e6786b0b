import { openDataFolder } from "../../embedded/data-folder.ts";
import type { Endpoint } from "../../embedded/stack.ts";
import { openPolicyTarget } from "../../operations/access/apply.ts";

interface Members {
  projects: string[];
  access: "read" | "control";
  /** Names of their logins. */
  members: string[];
}

/** How each of these people logs in to an installation's database, made as its policy makes them. */
export async function makeLogins(data: string, endpoint: Endpoint, groups: Record<string, Members>): Promise<string[]> {
  const owner = new URL(endpoint.sql);
  owner.username = "integraviz_owner";
  owner.password = openDataFolder(data).secrets.owner;
  const policy = Object.fromEntries(
    Object.entries(groups).map(([name, { members, ...group }]) => [name, { ...group, postgres: members }]),
  );
  const target = await openPolicyTarget(String(owner), { groups: policy });
  try {
    return (await target.apply()).map(({ url }) => url);
  } finally {
    await target.close();
  }
}
