/**
 * The bundle dashboards-lambda. What `handler` answers lands in Pulumi's state: no secret is in it.
 */
import { readSecret } from "../functions/clouds/aws.ts";
import { type Applied, apply } from "./apply.ts";
import { readTarget } from "./target.ts";

export async function handler(): Promise<Applied> {
  return apply(readTarget(process.env, (await readSecret(process.env)) ?? ""));
}
