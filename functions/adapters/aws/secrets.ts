import { SECRETS_ARN, type Secrets } from "../../../contract/environment.ts";
import { readSecret } from "../../clouds/aws.ts";
import { parseSecrets, readSecrets, type Variables } from "../environment.ts";

/**
 * Those in the secret that INTEGRAVIZ_SECRETS_ARN names; without one, those of INTEGRAVIZ_SECRETS.
 */
export async function readAwsSecrets(env: Variables): Promise<Secrets> {
  if (env[SECRETS_ARN] === undefined) return readSecrets(env);
  return parseSecrets(SECRETS_ARN, await readSecret(env));
}
