import { jsonStringify } from "@pulumi/pulumi";
import type { AwsHost } from "../host/aws/aws.ts";
import type { Caller, InvokeAuth } from "../link.ts";
import type { Children } from "../making/children.ts";
import { type Aws, sdk } from "../making/sdk.ts";

export interface LambdaInvokeAuthClasses {
  invokePermission: typeof Aws.lambda.Permission;
  url: typeof Aws.lambda.FunctionUrl;
  callerRole: typeof Aws.iam.Role;
  grant: typeof Aws.iam.RolePolicy;
}

/** API Gateway: one permission, for one API. */
export function admitGateway(
  children: Children<LambdaInvokeAuthClasses>,
  fn: Aws.lambda.Function,
  caller: Caller,
): InvokeAuth {
  if (caller.sourceArn === undefined) throw new Error('the invoke auth "lambda" needs the ARN of its caller');
  const permission = children.make("invokePermission", sdk.aws().lambda.Permission, {
    function: fn.name,
    action: "lambda:InvokeFunction",
    principal: "apigateway.amazonaws.com",
    sourceArn: caller.sourceArn,
  });
  return { auth: "lambda", functionName: fn.name, invokeArn: fn.invokeArn, ready: [permission] };
}

const AUDIENCE = "integraviz";

/**
 * A Google service account: it exchanges its ID token for a role that may call the function's URL,
 * so that no long-lived key exists. accounts.google.com is built into AWS: no identity provider is
 * made.
 */
export function admitGoogle(
  host: AwsHost,
  children: Children<LambdaInvokeAuthClasses>,
  fn: Aws.lambda.Function,
  caller: Caller,
): InvokeAuth {
  const { principal } = caller;
  if (principal.cloud !== "gcp") throw new Error('the invoke auth "sigv4" is for Google service accounts');
  const aws = sdk.aws();
  const url = children.make("url", aws.lambda.FunctionUrl, {
    functionName: fn.name,
    authorizationType: "AWS_IAM",
    invokeMode: "BUFFERED",
  });
  const role = children.make("callerRole", aws.iam.Role, {
    maxSessionDuration: 3600,
    assumeRolePolicy: jsonStringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Federated: "accounts.google.com" },
          Action: "sts:AssumeRoleWithWebIdentity",
          Condition: {
            StringEquals: {
              // Google's azp, which AWS calls aud, is the account's id as well; oaud is the
              // audience that was asked for.
              "accounts.google.com:aud": principal.uniqueId,
              "accounts.google.com:sub": principal.uniqueId,
              "accounts.google.com:oaud": AUDIENCE,
            },
          },
        },
      ],
    }),
  });
  const granted = host.grant(children, host.principalOf(role), "caller", [
    {
      actions: ["lambda:InvokeFunctionUrl"],
      resources: [fn.arn],
      condition: { StringEquals: { "lambda:FunctionUrlAuthType": "AWS_IAM" } },
    },
    {
      actions: ["lambda:InvokeFunction"],
      resources: [fn.arn],
      condition: { Bool: { "lambda:InvokedViaFunctionUrl": "true" } },
    },
  ]);
  return {
    auth: "sigv4",
    url: url.functionUrl,
    region: host.region,
    roleArn: role.arn,
    audience: AUDIENCE,
    ready: granted,
  };
}
