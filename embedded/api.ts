import type { DashboardSpec } from "../dashboards/spec.ts";
import { createAccess } from "../functions/http/access.ts";
import { createHandler } from "../functions/http/handler.ts";
import { createVerifier, type Grant, signToken, toSessionSecrets } from "../functions/http/tokens.ts";
import { openPostgresStore } from "../functions/stores/postgres/postgres.ts";
import type { Cluster } from "./cluster.ts";
import { dashboardsOnce, serveDashboards } from "./dashboards.ts";
import type { Secrets } from "./data-folder.ts";
import { prepareDatabase } from "./database.ts";
import { serveEmbedToken } from "./embed-token.ts";
import { inUrl, LOOPBACK } from "./loopback.ts";
import { serveClient, servePage } from "./page.ts";
import { openGateway } from "./server.ts";
import { serveViews } from "./views.ts";

export interface ApiOptions {
  host: string;
  port: number;
  allowHosts: readonly string[];
  /** false leaves all points in the log. */
  seals: boolean;
  /** The folder of the page. */
  page: string;
  /** The Python client, which it hands out. */
  client: string;
  /** What may show a run's charts in a frame, beside pages of this machine; see `page.ts`. */
  embedIn: readonly string[];
  /** What the page shows beside its own charts; by default the dashboards that ship. */
  specs?: readonly DashboardSpec[] | undefined;
  say: (what: string) => void;
  signal?: AbortSignal | undefined;
}

export interface Api {
  url: string;
  /** The reader's login, for psql and dashboards. */
  readerUrl: string;
  /** A token for all projects. */
  sign(grant: Omit<Grant, "projects">): Promise<string>;
  /** Stops the server, then closes the store. */
  close(): Promise<void>;
}

const FULL =
  "The disk of the data folder is full: events are refused until there is room, and clients send them again by themselves.";

/** Prepares the database, and serves the API and the page over it. */
export async function openApi(cluster: Cluster, secrets: Secrets, options: ApiOptions): Promise<Api> {
  const { host, port, allowHosts, seals, page, client, embedIn, specs, say, signal } = options;
  const dashboards = dashboardsOnce(specs);
  // A mistake in one's own is told before anything starts.
  if (specs !== undefined) await dashboards();
  const database = await prepareDatabase(cluster, secrets, "integraviz", say);
  signal?.throwIfAborted();
  const store = openPostgresStore({
    writerUrl: cluster.inside(database.writerUrl),
    readerUrl: cluster.inside(database.readerUrl),
    onLoss: () => say("A connection to PostgreSQL broke; making another."),
    onFull: (isFull) => say(isFull ? FULL : "There is room on the disk again."),
    seals,
  });
  const verify = createVerifier({ keys: [secrets.signingKey], denied: () => store.deniedTokens() });
  const hostnames = new Set([...LOOPBACK, inUrl(host), ...allowHosts]);
  const sessionSecrets = toSessionSecrets([secrets.signingKey]);
  const handler = createHandler({ store, verify, hostnames, sessionSecrets });
  servePage(handler, page, { embedIn });
  serveClient(handler, client);
  const access = createAccess({ verify, secrets: sessionSecrets, now: Date.now });
  serveViews(handler, { store, access });
  serveDashboards(handler, { access, dashboards });
  serveEmbedToken(handler, { verify, signingKey: secrets.signingKey });
  const gateway = await openGateway(host, port, handler).catch(async (error) => {
    await store.close();
    throw error;
  });
  return {
    url: gateway.url,
    readerUrl: database.readerUrl,
    sign: (grant) => signToken(secrets.signingKey, { ...grant, projects: "*" }),
    async close() {
      await gateway.stop();
      await store.close();
    },
  };
}
