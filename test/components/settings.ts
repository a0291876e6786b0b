/** Complete settings for any combination. */
import { fileURLToPath } from "node:url";
import type { Combination } from "../../components/checking/compatibility.ts";
import type { IntegravizArgs } from "../../components/index.ts";

export const BUNDLES = fileURLToPath(new URL("../fixtures/bundles", import.meta.url));

export const REMOTE_SECRETS = {
  database: "EXTERNAL-DATABASE-PASSWORD",
  dashboard: "EXTERNAL-DASHBOARD-PASSWORD",
  preset: "PRESET-TOKEN-SECRET",
};

/** What a kind needs beside its host. */
const needs: Record<string, object> = {
  "postgres@external": { external: { address: "db.example.com", user: "owner", password: REMOTE_SECRETS.database } },
  "superset@external": {
    external: { url: "https://bi.example.com", user: "admin", password: REMOTE_SECRETS.dashboard },
  },
  "metabase@external": {
    external: { url: "https://bi.example.com", user: "a@example.com", password: REMOTE_SECRETS.dashboard },
  },
  "superset@preset": {
    preset: { url: "https://x.app.preset.io", tokenName: "ci", tokenSecret: REMOTE_SECRETS.preset },
  },
};

export function settingsOf({ api, rpc, storage, visualizer, delivery }: Combination): IntegravizArgs {
  const block = ({ kind, host }: { kind: string; host: string }) => ({
    kind,
    ...(host === "self" ? {} : { [kind]: { host, ...needs[`${kind}@${host}`] } }),
  });
  return {
    api: block(api),
    rpc: { ...block(rpc), delivery },
    storage: block(storage),
    visualizer: block(visualizer),
    bundles: BUNDLES,
  } as IntegravizArgs;
}

export function labelOf({ api, rpc, storage, visualizer, delivery }: Combination): string {
  const at = ({ kind, host }: { kind: string; host: string }) => (host === "self" ? kind : `${kind}@${host}`);
  return `${at(api)} > ${at(rpc)} (${delivery}) > ${at(storage)} < ${at(visualizer)}`;
}
