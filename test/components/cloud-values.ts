/** What a cloud would answer when a resource is made: its inputs, and the outputs that our components read. */

export const PLAIN_SECRETS = {
  random: "RANDOM-PASSWORD-IN-THE-CLEAR",
  key: "PRIVATE-KEY-IN-THE-CLEAR",
  gcpKey: "SERVICE-ACCOUNT-KEY-IN-THE-CLEAR",
};

type Values = Record<string, unknown>;

/** Outputs by resource type, beside those that are inputs. */
const extra: Record<string, (name: string, inputs: Values) => Values> = {
  "aws:apigatewayv2/api:Api": (name) => ({ executionArn: `arn:aws:execute-api:eu-central-1:123456789012:${name}` }),
  "aws:apigatewayv2/stage:Stage": (name) => ({ invokeUrl: `https://${name}.execute-api.eu-central-1.amazonaws.com/` }),
  "aws:cloudfront/distribution:Distribution": (name) => ({ domainName: `${name}.cloudfront.net` }),
  "aws:lambda/function:Function": (name) => ({ invokeArn: `arn:aws:apigateway:eu-central-1:lambda:${name}` }),
  "aws:lambda/functionUrl:FunctionUrl": (name) => ({ functionUrl: `https://${name}.lambda-url.eu-central-1.on.aws/` }),
  "aws:lambda/invocation:Invocation": () => ({ result: '{"schema":"current"}' }),
  "aws:lb/loadBalancer:LoadBalancer": (name) => ({
    dnsName: `${name}.elb.amazonaws.com`,
    arnSuffix: `app/${name}/0123`,
  }),
  "aws:rds/instance:Instance": (name) => ({ address: `${name}.rds.amazonaws.com` }),
  "aws:rds/proxy:Proxy": (name) => ({ endpoint: `${name}.proxy.rds.amazonaws.com` }),
  "aws:secretsmanager/secretVersion:SecretVersion": (name) => ({ versionId: `${name}-version` }),
  "aws:sqs/queue:Queue": (name) => ({ url: `https://sqs.eu-central-1.amazonaws.com/123456789012/${name}` }),
  "gcp:cloudfunctionsv2/function:Function": (name, { serviceConfig }) => ({
    url: `https://europe-west3-my-project.cloudfunctions.net/${name}`,
    serviceConfig: { ...(serviceConfig as Values), uri: `https://${name}-abc.a.run.app` },
  }),
  "gcp:cloudrunv2/service:Service": (name) => ({ uri: `https://${name}-abc.a.run.app` }),
  "gcp:iam/workloadIdentityPool:WorkloadIdentityPool": (name) => ({
    name: `projects/42/locations/global/workloadIdentityPools/${name}`,
  }),
  "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider": (name) => ({
    name: `projects/42/locations/global/workloadIdentityPools/pool/providers/${name}`,
  }),
  "gcp:projects/iAMCustomRole:IAMCustomRole": (_, { roleId }) => ({ name: `projects/my-project/roles/${roleId}` }),
  "gcp:projects/serviceIdentity:ServiceIdentity": (_, { service }) => ({
    member: `serviceAccount:service-42@gcp-sa-${String(service).split(".")[0]}.iam.gserviceaccount.com`,
  }),
  "gcp:secretmanager/secretVersion:SecretVersion": () => ({ version: "1" }),
  "gcp:serviceaccount/account:Account": (_, { accountId }) => ({
    email: `${accountId}@my-project.iam.gserviceaccount.com`,
    uniqueId: "100000000000000000001",
  }),
  "gcp:serviceaccount/key:Key": () => ({ privateKey: Buffer.from(PLAIN_SECRETS.gcpKey).toString("base64") }),
  "gcp:sql/databaseInstance:DatabaseInstance": () => ({
    privateIpAddress: "10.43.0.3",
    serverCaCerts: [{ cert: "-----BEGIN CERTIFICATE-----" }],
  }),
  "gcp:storage/bucketObject:BucketObject": () => ({ generation: 1 }),
  "docker:index/container:Container": () => ({ exitCode: 0 }),
  "docker:index/remoteImage:RemoteImage": () => ({ imageId: "sha256:0123" }),
  "random:index/randomId:RandomId": () => ({ hex: "abc123" }),
  "random:index/randomPassword:RandomPassword": (name) => ({ result: `${PLAIN_SECRETS.random}:${name}` }),
  "tls:index/privateKey:PrivateKey": (name) => ({
    privateKeyPemPkcs8: `-----BEGIN PRIVATE KEY-----\n${PLAIN_SECRETS.key}\n-----END PRIVATE KEY-----`,
    publicKeyPem: `-----BEGIN PUBLIC KEY-----\n${name}\n-----END PUBLIC KEY-----`,
  }),
};

/** Ids that other requests take, as EC2 spells them. */
const ID_PREFIXES: Record<string, string> = {
  "aws:ec2/securityGroup:SecurityGroup": "sg",
  "aws:ec2/subnet:Subnet": "subnet",
};

export function idOf(type: string, name: string): string {
  const prefix = ID_PREFIXES[type];
  return prefix === undefined ? `${name}-id` : `${prefix}-${name.replaceAll("-", "")}`;
}

export function outputsOf(type: string, name: string, inputs: Values): Values {
  const service = type.split(":")[1]?.split("/")[0];
  const owner = service === "iam" ? ":123456789012:role/" : "eu-central-1:123456789012:";
  const arn = type.startsWith("aws:") ? { arn: `arn:aws:${service}:${owner}${name}` } : {};
  return { name, ...arn, ...inputs, ...extra[type]?.(name, inputs) };
}

/** As in an account that opted in to Local Zones, which come first. */
const zones = ({ filters = [] }: Values) => ({
  names: [
    ...(JSON.stringify(filters).includes("opt-in-not-required") ? [] : ["eu-central-1-ham-1a"]),
    "eu-central-1a",
    "eu-central-1b",
    "eu-central-1c",
  ],
});

const invokes: Record<string, Values | ((inputs: Values) => Values)> = {
  "aws:index/getAvailabilityZones:getAvailabilityZones": zones,
  "aws:index/getCallerIdentity:getCallerIdentity": { accountId: "123456789012" },
  "gcp:organizations/getProject:getProject": { number: "42" },
  "aws:ec2/getManagedPrefixList:getManagedPrefixList": { id: "pl-0123" },
};

/** @throws for an invoke that is not listed: a component must not ask what nobody thought of. */
export function answerOf(token: string, inputs: Values): Values {
  const answer = invokes[token];
  if (!answer) throw new Error(`invoke of ${token} has no stand-in`);
  return typeof answer === "function" ? answer(inputs) : answer;
}

/** Outputs that a provider marks as secret. */
export const SECRET_OUTPUTS: Record<string, string[]> = {
  "random:index/randomPassword:RandomPassword": ["result", "bcryptHash"],
  "tls:index/privateKey:PrivateKey": ["privateKeyPemPkcs8", "privateKeyPem"],
  "gcp:serviceaccount/key:Key": ["privateKey"],
};
