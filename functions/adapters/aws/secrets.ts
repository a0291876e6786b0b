import { readSecret } from "../../clouds/aws.ts";
import { readSecrets, type Secrets, type Variables } from "../environment.ts";

/** Those in the secret that INTEGRAVIZ_SECRETS_ARN names; without one, those of INTEGRAVIZ_SECRETS. */
export async function readAwsSecrets(env: Variables): Promise<Secrets> {
  if (env.INTEGRAVIZ_SECRETS_ARN === undefined) return readSecrets(env);
  return readSecrets({ INTEGRAVIZ_SECRETS_ARN: await readSecret(env) }, "INTEGRAVIZ_SECRETS_ARN");
}
