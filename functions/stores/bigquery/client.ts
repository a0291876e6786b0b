import { BigQuery, type BigQueryOptions } from "@google-cloud/bigquery";

/** How to reach the two datasets (`Login` in components/link.ts, with its secrets). */
export interface BigqueryLogin {
  project: string;
  /** The dataset of the log. */
  dataset: string;
  /** The dataset of the views. */
  views: string;
  location: string;
  auth: BigqueryAuth;
  /** Another address of the API, such as one of Private Service Connect. */
  endpoint?: string;
}

export type BigqueryAuth =
  /** The account this process runs as: Application Default Credentials. */
  | { by: "ambient" }
  /** An AWS role that may act as the service account: workload identity federation, without a key. */
  | { by: "aws"; audience: string; serviceAccount: string }
  /** The JSON of a service account's key, or of another credential that Google's libraries take. */
  | { by: "key"; key: string };

export interface Call {
  json?: object;
  qs?: Record<string, string | number>;
  /** Until then an answer must be there; the call fails with ETIMEDOUT otherwise. */
  timeoutMs: number;
}

/** One call of the REST API (https://cloud.google.com/bigquery/docs/reference/rest), path below the project. */
export type Client = <Answer>(method: "GET" | "POST", path: string, call: Call) => Promise<Answer>;

/** The driver does authentication and transport; what is tried again, and how long, is said in `persisting.ts` alone. */
export function openClient({ project, location, auth, endpoint }: BigqueryLogin): Client {
  const bigquery = new BigQuery({
    projectId: project,
    location,
    autoRetry: false,
    maxRetries: 0,
    ...(auth.by === "ambient" ? {} : { credentials: credentialsOf(auth) as BigQueryOptions["credentials"] }),
    ...(endpoint === undefined ? {} : { apiEndpoint: endpoint }),
  } as BigQueryOptions);
  return <Answer>(method: string, uri: string, { json, qs, timeoutMs }: Call) =>
    new Promise<Answer>((resolve, reject) => {
      const late = setTimeout(() => reject(timedOut(timeoutMs)), timeoutMs);
      bigquery.request({ method, uri, json, qs } as never, (error: Error | null, answer: unknown) => {
        clearTimeout(late);
        if (error) reject(error);
        else resolve(answer as Answer);
      });
    });
}

function timedOut(timeoutMs: number): Error {
  return Object.assign(new Error(`BigQuery did not answer in ${timeoutMs} ms.`), { code: "ETIMEDOUT" });
}

/**
 * What google-auth-library reads. For AWS: the role's own credentials (from the environment in Lambda) sign a request
 * to AWS STS, which Google exchanges for a token of the service account
 * (https://cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds).
 */
export function credentialsOf(auth: Exclude<BigqueryAuth, { by: "ambient" }>): object {
  if (auth.by === "key") return JSON.parse(auth.key) as object;
  const account = `https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/${auth.serviceAccount}`;
  return {
    type: "external_account",
    audience: auth.audience,
    subject_token_type: "urn:ietf:params:aws:token-type:aws4_request",
    token_url: "https://sts.googleapis.com/v1/token",
    service_account_impersonation_url: `${account}:generateAccessToken`,
    credential_source: {
      environment_id: "aws1",
      regional_cred_verification_url: "https://sts.{region}.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15",
    },
  };
}
