import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { createHandler } from "../functions/http/handler.ts";
import { createVerifier, type Grant, signToken } from "../functions/http/tokens.ts";
import { openPostgresStore } from "../functions/stores/postgres/postgres.ts";
import { startCluster } from "./cluster.ts";
import { openDataFolder, writePrivately } from "./data-folder.ts";
import { prepareDatabase } from "./database.ts";
import { inUrl, LOOPBACK, openGateway } from "./server.ts";

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
  const { data: folder, port, host = "127.0.0.1", allowHosts = [], seals = true, say = () => {}, signal } = options;
  if (!existsSync(PAGE)) throw new Error("The page is not built. Run `npm run build`, which `npm ci` does by itself.");
  const data = openDataFolder(folder);
  const cluster = await startCluster({ data, say, ...(signal && { signal }) });
  try {
    const database = await prepareDatabase(cluster, data.secrets, "integraviz", say);
    signal?.throwIfAborted();
    const onLoss = () => say("A connection to PostgreSQL broke; making another.");
    const store = openPostgresStore({
      writerUrl: cluster.inside(database.writerUrl),
      readerUrl: cluster.inside(database.readerUrl),
      onLoss,
      seals,
    });
    const verify = createVerifier({ keys: [data.secrets.signingKey], denied: () => store.deniedTokens() });
    const hostnames = new Set([...LOOPBACK, inUrl(host), ...allowHosts]);
    const handler = createHandler({ store, verify, hostnames, page: PAGE, client: CLIENT });
    const gateway = await openGateway(host, port, handler).catch(async (error) => {
      await store.close();
      throw error;
    });
    const sign = (grant: Omit<Grant, "projects">) => signToken(data.secrets.signingKey, { ...grant, projects: "*" });
    const endpoint: Endpoint = {
      url: gateway.url,
      token: await sign({ actor: "trainer", scopes: ["ingest"], jti: "embedded-ingest" }),
      readToken: await sign({ actor: userInfo().username, scopes: ["read", "control"], jti: "embedded-page" }),
      sql: database.readerUrl,
    };
    writePrivately(data.endpoint, endpoint);
    return {
      endpoint,
      pageUrl: `${gateway.url}/#token=${endpoint.readToken}`,
      endpointFile: data.endpoint,
      clientHash: createHash("sha256").update(readFileSync(CLIENT)).digest("hex"),
      databasePid: cluster.pid,
      async stop() {
        await gateway.stop();
        await store.close();
        await cluster.stop();
      },
    };
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
