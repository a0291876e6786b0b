const METADATA = "http://metadata.google.internal";
const CREDENTIALS = "https://iamcredentials.googleapis.com";

/**
 * The header that gets a task past Google's Identity-Aware Proxy and leaves Authorization to the
 * visualizer: a token for this address, signed by the service account that the task runs as.
 * Source: https://cloud.google.com/iap/docs/authentication-howto, "service account JWT".
 */
export async function iapHeader(
  account: string,
  url: string,
  { metadata = METADATA, credentials = CREDENTIALS } = {},
): Promise<{ "proxy-authorization": string }> {
  const { access_token } = await answer(
    await fetch(`${metadata}/computeMetadata/v1/instance/service-accounts/default/token`, {
      headers: { "metadata-flavor": "Google" },
    }),
  );
  const now = Math.floor(Date.now() / 1000);
  const payload = JSON.stringify({ iss: account, sub: account, aud: `${url}/*`, iat: now, exp: now + 3600 });
  const { signedJwt } = await answer(
    await fetch(`${credentials}/v1/projects/-/serviceAccounts/${account}:signJwt`, {
      method: "POST",
      headers: { authorization: `Bearer ${access_token}`, "content-type": "application/json" },
      body: JSON.stringify({ payload }),
    }),
  );
  return { "proxy-authorization": `Bearer ${signedJwt}` };
}

async function answer(response: Response): Promise<Record<string, string>> {
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}.`);
  return (await response.json()) as Record<string, string>;
}
