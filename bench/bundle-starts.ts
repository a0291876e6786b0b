import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { SigningKey } from "../contract/tokens.ts";
import { type BuiltBundle, buildBundle } from "../functions/build/build.ts";
import { signToken } from "../functions/http/tokens.ts";
import { toMessages } from "../functions/stores/queue/message.ts";
import {
  type BundleSubject,
  handlerEnvironment,
  migrationEnvironment,
  type SplitLogin,
} from "../test/functions/build/bundle-databases.ts";
import { loginOf, runBundle } from "../test/functions/build/bundle-process.ts";
import { runStack } from "./processes.ts";

/** One way to store an event in a fresh process. */
export interface Start {
  name: string;
  file: string;
  bytes: number;
  gzipped: number;
  /** What `handler` is called with. */
  event(): unknown;
  env: Record<string, string>;
}

/** The bundles of one database, and the plain driver that they are measured against. */
export interface StartGroup {
  driver: Start;
  bundles: Start[];
  stop(): Promise<void>;
}

type Prepare = (built: BuiltBundle[], folder: string) => Promise<StartGroup>;

const KEY: SigningKey = { kty: "oct", alg: "HS256", kid: "bench", k: "YmVuY2gtYmVuY2gtYmVuY2gtYmVuY2gtYmVuY2g" };
const token = await signToken(KEY, { actor: "bench", projects: "*", scopes: ["ingest"], jti: "bench" });

export const preparePostgres: Prepare = async (built, folder) => {
  const { writerUrl, endpoint, stop } = await runStack();
  const env = handlerEnvironment({ writer: split(writerUrl), reader: split(endpoint.sql) }, [KEY]);
  return {
    driver: await driverStart("postgres", folder, { url: writerUrl }),
    bundles: starts(built, "postgres", env),
    stop,
  };
};

function split(url: string): SplitLogin {
  const { login, password } = loginOf(url);
  return { plain: login, secrets: { password } };
}

export const prepareWarehouse =
  ({ kind, open }: BundleSubject): Prepare =>
  async (built, folder) => {
    const database = await open();
    const migration = built.find(({ name }) => name === `migrate-node-${kind}`) as BuiltBundle;
    const migrating = runBundle([migration.path], migrationEnvironment(database));
    if ((await migrating.exit) !== 0) throw new Error(migrating.output());
    return {
      driver: await driverStart(kind, folder, orderOf[kind](database.writer)),
      bundles: starts(built, kind, handlerEnvironment(database, [KEY])),
      stop: () => database.close(),
    };
  };

/** What bench/driver-*.ts are called with. */
const orderOf = {
  snowflake({ plain, secrets }: SplitLogin) {
    const { driver: _, user, ...address } = plain as Record<string, string>;
    return { login: { ...address, ...secrets, username: user } };
  },
  bigquery({ plain, secrets }: SplitLogin) {
    const { project, endpoint, dataset } = plain as Record<string, string>;
    const credentials = secrets.key === undefined ? {} : { credentials: JSON.parse(secrets.key) };
    return { options: { projectId: project, apiEndpoint: endpoint, ...credentials }, dataset };
  },
};

async function driverStart(kind: string, folder: string, order: object): Promise<Start> {
  const { path, ...built } = await buildBundle({
    name: `the driver alone, ${kind}`,
    contents: `export { handler } from "./driver-${kind}.ts";`,
    resolveDir: new URL(".", import.meta.url).pathname,
    path: join(folder, `driver-${kind}`, "index.mjs"),
  });
  return { ...built, file: path, env: {}, event: () => order };
}

function starts(built: BuiltBundle[], kind: string, env: Record<string, string>): Start[] {
  return (
    [
      [`lambda-${kind}`, httpEvent],
      [`worker-lambda-${kind}`, batchEvent],
    ] as const
  ).map(([name, event]) => {
    const { path, bytes, gzipped } = built.find((one) => one.name === name) as BuiltBundle;
    return { name, file: path, bytes, gzipped, event, env };
  });
}

/** As API Gateway hands it over, payload format 2.0. */
function httpEvent() {
  return {
    version: "2.0",
    rawPath: "/v1/events",
    rawQueryString: "",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    requestContext: { http: { method: "POST" }, domainName: "api.example" },
    body: JSON.stringify({
      run_id: "bench",
      event_id: randomUUID(),
      kind: "on_epoch_end",
      epoch: 0,
      logs: { loss: 1 },
    }),
    isBase64Encoded: false,
  };
}

/** As SQS hands it over. */
function batchEvent() {
  const none = { seq: null, actor: null, step: null, batch: null, createdAt: Date.now() * 1000, sentSkew: null };
  const event = { ...none, project: "default", run: "bench", id: randomUUID(), writer: "", kind: "on_epoch_end" };
  const [body] = toMessages([{ ...event, epoch: 0, logs: '{"loss":1}' }], { packBytes: 1e6, messageBytes: 1e6 });
  return { Records: [{ messageId: "1", body }] };
}
