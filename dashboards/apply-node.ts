/**
 * The bundle dashboards-node: applies dashboards and exits, 0 when the visualizer shows the
 * storage.
 */
import { withFreshGrants } from "../functions/adapters/fresh-grants.ts";
import { apply } from "./apply.ts";
import { readTarget } from "./target.ts";

try {
  const target = readTarget(process.env, process.env.INTEGRAVIZ_SECRETS ?? "");
  const { database, urls, warnings } = await (target.iap
    ? withFreshGrants(process.env, () => apply(target))
    : apply(target));
  console.log(`${target.product} at ${target.url} reads the storage as its database ${database}`);
  for (const warning of warnings) console.warn(warning);
  for (const url of Object.values(urls)) console.log(url);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
