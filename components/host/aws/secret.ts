import type { Output } from "@pulumi/pulumi";
import type { Children } from "../../making/children.ts";
import { type Aws, sdk } from "../../making/sdk.ts";
import type { SecretRef } from "../host.ts";

export type AwsSecretClasses<K extends string> = Record<K, typeof Aws.secretsmanager.Secret> &
  Record<`${K}Value`, typeof Aws.secretsmanager.SecretVersion>;

/**
 * A secret in Secrets Manager. Its value lives in the state too, so it is deleted at once: a
 * waiting period would only block its name.
 */
export function awsSecret<K extends string>(
  children: Children<AwsSecretClasses<K>>,
  key: K,
  value: Output<string>,
  each?: string,
): SecretRef {
  const aws = sdk.aws();
  const eachOf = each === undefined ? {} : { each };
  const untyped = children.as<Record<string, never>>();
  const made = untyped.make(key, aws.secretsmanager.Secret, { recoveryWindowInDays: 0 }, eachOf);
  const version = untyped.make(
    `${key}Value`,
    aws.secretsmanager.SecretVersion,
    { secretId: made.arn, secretString: value },
    eachOf,
  );
  return { id: made.arn, version: version.versionId, ready: [version] };
}
