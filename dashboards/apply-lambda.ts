/** The bundle dashboards-lambda. What `handler` answers lands in Pulumi's state: no secret is in it. */
import { AwsClient } from "aws4fetch";
import { type Applied, apply } from "./apply.ts";
import { readTarget } from "./target.ts";

export async function handler(): Promise<Applied> {
  return apply(readTarget(process.env, await readSecret(process.env.INTEGRAVIZ_SECRETS_ARN ?? "")));
}

/** Of Secrets Manager, as the function's own role. */
async function readSecret(arn: string): Promise<string> {
  // arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME
  const region = arn.split(":")[3];
  if (!region) throw new Error("INTEGRAVIZ_SECRETS_ARN is not the ARN of a secret.");
  const { AWS_ACCESS_KEY_ID = "", AWS_SECRET_ACCESS_KEY = "", AWS_SESSION_TOKEN = "" } = process.env;
  const aws = new AwsClient({
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    sessionToken: AWS_SESSION_TOKEN,
  });
  const response = await aws.fetch(process.env.AWS_ENDPOINT_URL ?? `https://secretsmanager.${region}.amazonaws.com`, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.GetSecretValue" },
    body: JSON.stringify({ SecretId: arn }),
    aws: { service: "secretsmanager", region },
  });
  if (!response.ok) throw new Error(`Secrets Manager answered ${response.status} when it was asked for ${arn}.`);
  return ((await response.json()) as { SecretString: string }).SecretString;
}
