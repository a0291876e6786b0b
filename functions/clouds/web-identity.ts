import { awsEndpoint } from "./aws.ts";
import { kept } from "./expiring.ts";
import { identityTokens } from "./google.ts";

type Variables = Record<string, string | undefined>;

export interface RoleCredentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
}

/**
 * Credentials of an AWS role for a Google service account, without a key anywhere: its ID token is
 * exchanged at STS (AssumeRoleWithWebIdentity in its API reference). Kept until shortly before they
 * expire.
 */
export function assumedRole(
  env: Variables,
  { roleArn, region, audience }: { roleArn: string; region: string; audience: string },
): () => Promise<RoleCredentials> {
  const token = identityTokens(env, audience);
  return kept(async () => {
    const answer = await fetch(awsEndpoint(env, "sts", region), {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({
        Action: "AssumeRoleWithWebIdentity",
        Version: "2011-06-15",
        RoleArn: roleArn,
        RoleSessionName: "integraviz-gateway",
        WebIdentityToken: await token(),
      }),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await answer.text();
    const of = (tag: string) => new RegExp(`<${tag}>([^<]+)</${tag}>`).exec(text)?.[1] ?? "";
    if (!answer.ok)
      throw new Error(`AWS STS refused the role ${roleArn} with ${answer.status}: ${of("Code")} ${of("Message")}`);
    return {
      value: {
        accessKeyId: of("AccessKeyId"),
        secretAccessKey: of("SecretAccessKey"),
        sessionToken: of("SessionToken"),
      },
      until: Date.parse(of("Expiration")),
    };
  });
}
