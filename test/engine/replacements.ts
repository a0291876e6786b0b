/** Inputs whose change replaces a resource, as far as a swap or a rotation meets them. Each provider's schema says the same of them. */
const rows: Record<string, string[]> = {
  "aws:apigatewayv2/integration:Integration": ["apiId", "integrationType"],
  "aws:apigatewayv2/route:Route": ["apiId"],
  "aws:apigatewayv2/stage:Stage": ["apiId", "name"],
  "aws:iam/role:Role": ["name"],
  "aws:iam/rolePolicy:RolePolicy": ["name", "role"],
  "aws:lambda/function:Function": ["name"],
  "aws:lambda/invocation:Invocation": ["functionName", "input", "triggers"],
  "aws:lambda/permission:Permission": ["function", "action", "principal", "sourceArn", "statementId"],
  "aws:lb/targetGroup:TargetGroup": ["name", "port", "vpcId"],
  "aws:rds/instance:Instance": ["dbName", "username", "identifier"],
  "aws:secretsmanager/secretVersion:SecretVersion": ["secretId", "secretString"],
  "docker:index/container:Container": [
    "envs",
    "image",
    "labels",
    "name",
    "uploads",
    "command",
    "ports",
    "networksAdvanced",
    "volumes",
  ],
  "gcp:bigquery/dataset:Dataset": ["datasetId", "location", "project"],
  "gcp:bigquery/datasetAccess:DatasetAccess": ["datasetId", "role", "userByEmail"],
  "gcp:secretmanager/secretVersion:SecretVersion": ["secret", "secretData"],
  "gcp:serviceaccount/account:Account": ["accountId", "project"],
  "gcp:storage/bucketObject:BucketObject": ["bucket", "name"],
  "random:index/randomId:RandomId": ["byteLength", "keepers"],
  "random:index/randomPassword:RandomPassword": ["length", "special"],
};

export function replacedBy(type: string): string[] {
  return rows[type] ?? [];
}
