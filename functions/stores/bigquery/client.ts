import { BigQuery, type BigQueryOptions } from "@google-cloud/bigquery";
import type { ApiError } from "./retrying.ts";

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
  /**
   * An AWS role that may act as the service account: workload identity federation, without a key.
   */
  | { by: "aws"; audience: string; serviceAccount: string }
  /** The JSON of a service account's key, or of another credential that Google's libraries take. */
  | { by: "key"; key: string };

export interface Call {
  json?: object;
  qs?: Record<string, string | number>;
  /**
   * The call is ended after that time, and fails with ETIMEDOUT. What was sent before may still be
   * done.
   */
  timeoutMs: number;
}

/**
 * One call of the REST API (https://cloud.google.com/bigquery/docs/reference/rest), path below the
 * project.
 */
export type Client = <Answer>(method: "GET" | "POST", path: string, call: Call) => Promise<Answer>;

/**
 * Authentication and addresses are the driver's. Its transport cannot be ended, and a request that
 * waited for a token would go out long after it was given up; what is tried again, and how long, is
 * said in `retrying.ts` alone.
 */
export function openClient({ project, location, auth, endpoint }: BigqueryLogin): Client {
  const { authClient, baseUrl } = new BigQuery({
    projectId: project,
    location,
    ...(auth.by === "ambient" ? {} : { credentials: credentialsOf(auth) }),
    ...(endpoint === undefined ? {} : { apiEndpoint: endpoint }),
  } as BigQueryOptions);
  return async <Answer>(method: string, path: string, { json, qs = {}, timeoutMs }: Call) => {
    const ended = AbortSignal.timeout(timeoutMs);
    const late = new Promise<never>((_, reject) => ended.addEventListener("abort", () => reject(timedOut(timeoutMs))));
    const call = async () => {
      const headers = new Headers(await authClient.getRequestHeaders());
      headers.set("content-type", "application/json");
      const url = new URL(`${baseUrl}/projects/${project}${path}`);
      for (const [name, value] of Object.entries(qs)) url.searchParams.set(name, String(value));
      const request = { method, headers, signal: ended, ...(json === undefined ? {} : { body: JSON.stringify(json) }) };
      const answer = await fetch(url, request).catch((error) => Promise.reject(unreachable(error)));
      const text = await answer.text().catch((error) => Promise.reject(unreachable(error)));
      if (!answer.ok) throw apiError(answer.status, text);
      return JSON.parse(text) as Answer;
    };
    return Promise.race([call(), late]);
  };
}

function timedOut(timeoutMs: number): Error {
  return Object.assign(new Error(`BigQuery did not answer in ${timeoutMs} ms.`), { code: "ETIMEDOUT" });
}

function unreachable(cause: unknown): Error {
  return Object.assign(new Error("The line to BigQuery broke.", { cause }), { code: "ECONNRESET" });
}

/**
 * What the API answers instead of a result: `{"error": {message, errors}}`, or a page of a proxy on
 * the way.
 */
function apiError(code: number, text: string): ApiError {
  let error: { message?: string; errors?: ApiError["errors"] } = {};
  try {
    ({ error = {} } = JSON.parse(text) as { error?: typeof error });
  } catch {}
  const { message = `BigQuery answered ${code}.`, errors = [] } = error;
  return Object.assign(new Error(message), { code, errors });
}

/**
 * What google-auth-library reads. For AWS: the role's own credentials (from the environment in
 * Lambda) sign a request to AWS STS, which Google exchanges for a token of the service account
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
