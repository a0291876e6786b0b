import { kept } from "./expiring.ts";

/** Tokens of the service account that a Google machine, Cloud Run service or function runs as. */

type Variables = Record<string, string | undefined>;

/** For Google's own APIs. */
export function accessTokens(env: Variables): () => Promise<string> {
  return kept(async () => {
    const asked = Date.now();
    const answer = JSON.parse(await metadata(env, "token")) as { access_token: string; expires_in: number };
    return { value: answer.access_token, until: asked + answer.expires_in * 1000 };
  });
}

/** Says to `audience` who we are: an ID token, signed by Google. */
export function identityTokens(env: Variables, audience: string): () => Promise<string> {
  return kept(async () => {
    const token = await metadata(env, `identity?audience=${encodeURIComponent(audience)}&format=full`);
    return { value: token, until: expiryOf(token) };
  });
}

async function metadata(env: Variables, what: string): Promise<string> {
  const host = env.GCE_METADATA_HOST ?? "metadata.google.internal";
  const answer = await fetch(`http://${host}/computeMetadata/v1/instance/service-accounts/default/${what}`, {
    headers: { "metadata-flavor": "Google" },
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`Google's metadata server answered ${answer.status} when asked for a token.`);
  return (await answer.text()).trim();
}

function expiryOf(jwt: string): number {
  const { exp } = JSON.parse(Buffer.from(jwt.split(".")[1] ?? "", "base64url").toString()) as { exp: number };
  return exp * 1000;
}
