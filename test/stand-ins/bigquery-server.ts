import { randomUUID } from "node:crypto";
import { BigQuery } from "@google-cloud/bigquery";
import type { BigqueryLogin } from "../../functions/stores/bigquery/client.ts";
import { startPythonServer } from "./python-server.ts";

/** Logins for two datasets that are there and empty. */
export interface BigqueryServer {
  owner: BigqueryLogin;
  writer: BigqueryLogin;
  reader: BigqueryLogin;
  /** The stand-in's port; absent where the server is the vendor's. */
  port?: number;
  /** The next `times` answers to paths that match are this error. The stand-in only. */
  fail(path: string, times: number, status: number, reason: string): Promise<void>;
  /** Takes back the faults that are left. */
  mend(): Promise<void>;
  stop(): Promise<void>;
}

/** A project of Google's to test on, with Application Default Credentials; else the stand-in is used. */
const realProject = process.env.INTEGRAVIZ_TEST_BIGQUERY;
export const isRealBigquery = realProject !== undefined;

export async function startBigquery(): Promise<BigqueryServer> {
  const name = `integraviz_test_${randomUUID().replaceAll("-", "")}`;
  const login = { dataset: `${name}_events`, views: `${name}_views`, location: "US" };
  return realProject === undefined ? startStandIn(login) : openReal({ ...login, project: realProject });
}

async function openReal(login: Omit<BigqueryLogin, "auth">): Promise<BigqueryServer> {
  const client = new BigQuery({ projectId: login.project });
  const datasets = [login.dataset, login.views];
  for (const dataset of datasets) await client.createDataset(dataset, { location: login.location });
  const same = { ...login, auth: { by: "ambient" } } as const;
  return {
    owner: same,
    writer: same,
    reader: same,
    fail: () => Promise.reject(new Error("The vendor fails when it wants to.")),
    mend: async () => {},
    async stop() {
      for (const dataset of datasets) await client.dataset(dataset).delete({ force: true });
    },
  };
}

/** Rights as components/storage/bigquery.ts gives them. */
const ACCESS = {
  events: { owner: "OWNER", writer: "WRITER" },
  views: { owner: "OWNER", writer: "READER", reader: "READER" },
};

async function startStandIn(names: Pick<BigqueryLogin, "dataset" | "views" | "location">): Promise<BigqueryServer> {
  const server = await startPythonServer(new URL("./bigquery-server/server.py", import.meta.url));
  const endpoint = `http://127.0.0.1:${server.port}`;
  const as = (account: string): BigqueryLogin => ({
    ...names,
    project: "stand-in",
    endpoint,
    auth: { by: "key", key: JSON.stringify(federated(endpoint, account)) },
  });
  const post = async (path: string, body: object) => {
    const headers = { "content-type": "application/json", authorization: "Bearer owner" };
    const answer = await fetch(endpoint + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
  };
  for (const [datasetId, rights] of [
    [names.dataset, ACCESS.events],
    [names.views, ACCESS.views],
  ] as const) {
    const access = Object.entries(rights).map(([userByEmail, role]) => ({ userByEmail, role }));
    await post("/bigquery/v2/projects/stand-in/datasets", { datasetReference: { datasetId }, access });
  }
  return {
    owner: as("owner"),
    writer: as("writer"),
    reader: as("reader"),
    port: server.port,
    fail: (path, times, status, reason) => post("/faults", { path, times, status, reason }),
    mend: () => post("/faults", { times: 0 }),
    stop: () => server.stop(),
  };
}

/** A credential that is exchanged for a token at the stand-in, as workload identity federation does it at Google. */
export function federated(endpoint: string, account: string): object {
  return {
    type: "external_account",
    audience: `//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/stand-in/providers/${account}`,
    subject_token_type: "urn:ietf:params:oauth:token-type:jwt",
    token_url: `${endpoint}/token`,
    credential_source: { url: `${endpoint}/subject`, format: { type: "json", subject_token_field_name: "token" } },
  };
}
