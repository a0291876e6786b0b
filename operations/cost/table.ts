/** The 24 combinations of the clouds' implementations as a table, as docs/deploy.md prints it. */
import type { IntegravizArgs } from "../../components/index.ts";
import { madeBy } from "./made.ts";
import { PRICES_DATE } from "./prices.ts";
import { costOfMade, usd } from "./report.ts";

const APIS = ["api-gateway", "cloud-run"] as const;
/** PostgreSQL and the visualizer stand where the function does. */
const RPCS = { lambda: "aws", "cloud-functions": "gcp" } as const;
const STORAGES = ["snowflake", "bigquery", "postgres"] as const;
const VISUALIZERS = ["superset", "metabase"] as const;

export interface CloudCombination {
  api: (typeof APIS)[number];
  rpc: keyof typeof RPCS;
  storage: (typeof STORAGES)[number];
  visualizer: (typeof VISUALIZERS)[number];
}

/** Each next to one that differs in as little as can be. */
export const CLOUD_COMBINATIONS: readonly CloudCombination[] = STORAGES.flatMap((storage) =>
  (Object.keys(RPCS) as (keyof typeof RPCS)[]).flatMap((rpc) =>
    APIS.flatMap((api) => VISUALIZERS.map((visualizer) => ({ api, rpc, storage, visualizer }))),
  ),
);

function settingsOf({ api, rpc, storage, visualizer }: CloudCombination): IntegravizArgs {
  const host = RPCS[rpc];
  return {
    api: { kind: api },
    rpc: { kind: rpc },
    storage: { kind: storage, ...(storage === "postgres" ? { postgres: { host } } : {}) },
    visualizer: { kind: visualizer, [visualizer]: { host } },
  } as IntegravizArgs;
}

/** @param bundles the folder of the functions' bundles */
export async function costTable(config: Record<string, string>, bundles?: string): Promise<string> {
  const lines = [
    `USD by the list prices of ${PRICES_DATE}, most of them unverified (\`operations/cost/prices.ts\`): a month at rest, a million events kept for a month, an hour in which some run trains, and what runs out first.`,
    "",
    "| api | rpc | storage | visualizer | at rest | million events | training hour | first to run out, events/s |",
    "| --- | --- | --- | --- | --- | --- | --- | --- |",
  ];
  for (const named of CLOUD_COMBINATIONS) {
    const made = await madeBy({ ...settingsOf(named), ...(bundles === undefined ? {} : { bundles }) }, config);
    const { atRest, millionEvents, trainingHour, firstQuota } = costOfMade(made);
    const quota =
      firstQuota === undefined
        ? ""
        : `${firstQuota.what}: ${Math.floor(firstQuota.eventsPerSecond).toLocaleString("en")}`;
    const cells = [named.api, named.rpc, named.storage, named.visualizer, Math.round(atRest), usd(millionEvents)];
    lines.push(`| ${[...cells, trainingHour === 0 ? "" : usd(trainingHour), quota].join(" | ")} |`);
  }
  return `${lines.join("\n")}\n`;
}
