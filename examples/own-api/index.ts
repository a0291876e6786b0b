/** The local stack, reached by way of Caddy. */
import { Integraviz } from "integraviz";
import { caddy } from "./caddy.ts";

const events = new Integraviz("events", {
  api: { kind: "caddy", caddy: { domain: "lab.example.com" } },
  rpc: { kind: "docker" },
  storage: { kind: "postgres", postgres: { host: "docker" } },
  visualizer: { kind: "metabase", metabase: { host: "docker" } },
  implementations: { api: { caddy } },
});
export const { url, token, dashboardUrl } = events;
