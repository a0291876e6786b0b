/**
 * `pulumi up`: the stack's configuration becomes four components and what a trainer and a reader
 * need to know of them.
 */
import { Integraviz } from "../components/index.ts";
import { readConfig } from "./config.ts";

const integraviz = new Integraviz("integraviz", readConfig());

/** Where events go. */
export const url = integraviz.url;
/**
 * Lets a trainer send events (scope: ingest). Secret: `pulumi stack output token --show-secrets`.
 */
export const token = integraviz.token;
export const dashboardUrl = integraviz.dashboardUrl;
/** How a reader connects to the storage; the password or key is not in it. */
export const sql = integraviz.sql;
/** How npm run copy logs in to the storage, and to the archive beside it. Secret. */
export const stores = integraviz.stores;
/** How integraviz dashboards logs in to the visualizer, and that to the storage. Secret. */
export const dashboards = integraviz.dashboards;
/** Which implementations these are. */
export const components = integraviz.components;
