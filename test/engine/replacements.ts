/** Inputs whose change replaces a resource, as far as a swap, a rotation or a setting meets them. Each provider's schema says the same of them. */
const rows: Record<string, string[]> = {
  "aws:apigatewayv2/integration:Integration": ["apiId", "integrationType"],
  "aws:apigatewayv2/route:Route": ["apiId"],
  "aws:apigatewayv2/stage:Stage": ["apiId", "name"],
  "aws:ec2/securityGroup:SecurityGroup": ["name", "description", "vpcId"],
  "aws:ecs/taskDefinition:TaskDefinition": ["containerDefinitions", "cpu", "family", "memory"],
  "aws:iam/role:Role": ["name"],
  "aws:iam/rolePolicy:RolePolicy": ["name", "role"],
  "aws:lambda/function:Function": ["name"],
  "aws:lambda/invocation:Invocation": ["functionName", "input", "triggers"],
  "aws:lambda/permission:Permission": ["function", "action", "principal", "sourceArn", "statementId"],
  "aws:lb/targetGroup:TargetGroup": ["name", "port", "vpcId"],
  "aws:rds/instance:Instance": ["dbName", "username", "identifier"],
  "aws:rds/parameterGroup:ParameterGroup": ["family", "name"],
  "aws:rds/proxy:Proxy": ["engineFamily", "vpcSubnetIds"],
  "aws:rds/subnetGroup:SubnetGroup": ["name"],
  "aws:secretsmanager/secretVersion:SecretVersion": ["secretId", "secretString"],
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": ["securityGroupId"],
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": ["securityGroupId"],
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
  "docker:index/remoteImage:RemoteImage": ["name"],
  "gcp:bigquery/dataset:Dataset": ["datasetId"],
  "gcp:bigquery/datasetAccess:DatasetAccess": ["datasetId", "role", "userByEmail"],
  "gcp:billing/budget:Budget": ["billingAccount"],
  "gcp:secretmanager/secretVersion:SecretVersion": ["secret", "secretData"],
  "gcp:serviceaccount/account:Account": ["accountId"],
  "gcp:sql/database:Database": ["instance", "name"],
  "gcp:storage/bucketObject:BucketObject": ["bucket", "name"],
  "random:index/randomId:RandomId": ["byteLength", "keepers"],
  "random:index/randomPassword:RandomPassword": ["length", "special"],
};

/** Whatever is made on Google Cloud stays where it is. */
const GCP = ["location", "project", "region"];

export function replacedBy(type: string): string[] {
  return [...(rows[type] ?? []), ...(type.startsWith("gcp:") ? GCP : [])];
}
