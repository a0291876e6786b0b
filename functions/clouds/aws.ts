import { AwsClient } from "aws4fetch";
import { SECRETS_ARN, SECRETS_VERSION } from "../../contract/environment.ts";

export interface AwsCall {
  service: "secretsmanager" | "sqs";
  region: string;
  /** The operation, as X-Amz-Target names it. */
  target: string;
  body: object;
}

type Variables = Record<string, string | undefined>;

/**
 * One call in the JSON protocol of AWS, signed with the credentials that Lambda puts into the
 * environment of a function. Busy and failing answers are tried again a few times.
 */
export async function callAws<Answer>(
  env: Variables,
  { service, region, target, body }: AwsCall,
  { signal }: { signal?: AbortSignal } = {},
): Promise<Answer> {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY)
    throw new Error(`${service} needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, which Lambda sets by itself.`);
  const client = new AwsClient({
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
    service,
    region,
    retries: 3,
  });
  const answer = await client.fetch(awsEndpoint(env, service, region), {
    method: "POST",
    headers: {
      "content-type": service === "sqs" ? "application/x-amz-json-1.0" : "application/x-amz-json-1.1",
      "x-amz-target": target,
    },
    body: JSON.stringify(body),
    ...(signal ? { signal } : {}),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${target} answered ${answer.status}: ${errorOf(text)}`);
  return JSON.parse(text) as Answer;
}

/**
 * The text of the secret INTEGRAVIZ_SECRETS_ARN, in the version INTEGRAVIZ_SECRETS_VERSION if there
 * is one: while a rotation is under way, a function that still knows the old login must not be
 * given the new password.
 */
export async function readSecret(env: Variables): Promise<string | undefined> {
  const { [SECRETS_ARN]: arn = "", [SECRETS_VERSION]: version } = env;
  // arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME
  const region = arn.split(":")[3];
  if (!region) throw new Error(`${SECRETS_ARN} is not the ARN of a secret.`);
  const { SecretString } = await callAws<{ SecretString?: string }>(env, {
    service: "secretsmanager",
    region,
    target: "secretsmanager.GetSecretValue",
    body: { SecretId: arn, ...(version ? { VersionId: version } : {}) },
  });
  return SecretString;
}

/** As the SDKs have it: AWS_ENDPOINT_URL_SQS and the like name another place. */
export function awsEndpoint(env: Variables, service: string, region: string): string {
  const variable = `AWS_ENDPOINT_URL_${service === "secretsmanager" ? "SECRETS_MANAGER" : service.toUpperCase()}`;
  return env[variable] ?? `https://${service}.${region}.amazonaws.com/`;
}

/** The kind and message of an error, which hold no secret. */
function errorOf(text: string): string {
  try {
    const { __type, message, Message } = JSON.parse(text) as Record<string, string>;
    return [__type, message ?? Message].filter(Boolean).join(": ");
  } catch {
    return "no reason given";
  }
}
