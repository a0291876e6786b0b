/**
 * The bundle dashboards-lambda. What `handler` answers lands in Pulumi's state: no secret is in it.
 */
import { withFreshGrants } from "../functions/adapters/fresh-grants.ts";
import { readSecret } from "../functions/clouds/aws.ts";
import { apply } from "./apply.ts";
import type { Provisioned } from "./provisioned.ts";
import { readTarget } from "./target.ts";

export async function handler(): Promise<Provisioned> {
  const { env } = process;
  const secrets = await withFreshGrants(env, () => readSecret(env));
  const applied = await apply(readTarget(env, secrets ?? ""));
  for (const warning of applied.warnings) console.warn(warning);
  return applied;
}
