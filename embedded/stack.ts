import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import type { DashboardSpec } from "../dashboards/spec.ts";
import { startCluster } from "./cluster.ts";
import { openDataFolder, writePrivately } from "./data-folder.ts";

/** What `endpoint.json` holds. */
export interface Endpoint {
  url: string;
  /** Scope ingest, all projects. */
  token: string;
  /** Scopes read and control, all projects: what the page logs in with. */
  readToken: string;
  /** How psql or a dashboard connects: as the reader, who sees the views. */
  sql: string;
}

export interface StackOptions {
  data: string;
  /** 0 takes any that is free. */
  port: number;
  /** The address to listen on. Default: 127.0.0.1. */
  host?: string;
  /** Names by which it is called from elsewhere: any other Host is refused, against rebinding. */
  allowHosts?: readonly string[];
  /** What may show a run's charts in a frame, beside pages of this machine; see `page.ts`. */
  embedIn?: readonly string[];
  /** What the page shows beside its own charts; by default the dashboards that ship. */
  specs?: readonly DashboardSpec[];
  /** false leaves all points in the log. */
  seals?: boolean;
  say?: (what: string) => void;
  /** Gives up a start that is under way; nothing is left running then. */
  signal?: AbortSignal;
}

export interface Stack {
  endpoint: Endpoint;
  /** Opens the page logged in; the token stands behind the #, which browsers send to nobody. */
  pageUrl: string;
  /** The file the endpoint is written to. */
  endpointFile: string;
  /** SHA-256 of the Python client that it hands out, hexadecimal. */
  clientHash: string;
  databasePid(): number;
  stop(): Promise<void>;
}

const PACKAGE = dirname(createRequire(import.meta.url).resolve("integraviz/package.json"));
const PAGE = join(PACKAGE, "dist/live");
/** The Python client, which the gateway hands out. */
const CLIENT = join(PACKAGE, "trainer/python/integraviz.py");

/**
 * The whole architecture on this machine: PostgreSQL, the handler and the page, on loopback unless
 * it says otherwise.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { data: folder, port, host = "127.0.0.1", allowHosts = [], embedIn = [], seals = true } = options;
  const { say = () => {}, signal } = options;
  if (!existsSync(PAGE)) throw new Error("The page is not built. Run `npm run build`, which `npm ci` does by itself.");
  const data = openDataFolder(folder);
  // Read while PostgreSQL comes up: most of what a start reads is the API.
  const loading = import("./api.ts");
  loading.catch(() => {});
  const cluster = await startCluster({ data, say, ...(signal && { signal }) });
  try {
    const { openApi } = await loading;
    const api = await openApi(cluster, data.secrets, {
      host,
      port,
      allowHosts,
      seals,
      page: PAGE,
      client: CLIENT,
      embedIn,
      specs: options.specs,
      say,
      signal,
    });
    const endpoint: Endpoint = {
      url: api.url,
      token: await api.sign({ actor: "trainer", scopes: ["ingest"], jti: "embedded-ingest" }),
      readToken: await api.sign({ actor: userInfo().username, scopes: ["read", "control"], jti: "embedded-page" }),
      sql: api.readerUrl,
    };
    writePrivately(data.endpoint, endpoint);
    return {
      endpoint,
      pageUrl: `${api.url}/#token=${endpoint.readToken}`,
      endpointFile: data.endpoint,
      clientHash: createHash("sha256").update(readFileSync(CLIENT)).digest("hex"),
      databasePid: cluster.pid,
      async stop() {
        await api.close();
        await cluster.stop();
      },
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
