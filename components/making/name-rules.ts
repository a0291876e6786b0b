import type { NameRule } from "./naming.ts";

/** The input with the name, its most characters, its alphabet, and the input that takes tags. */
type Row = readonly [field: string | null, max: number, alphabet: NameRule["alphabet"], tags: NameRule["tags"]];

/** Rows by resource type. */
export type NameRows = Readonly<Record<string, Row>>;

/** The row of a type that has no name of its own. */
export const nameless = (tags: NameRule["tags"] = null): Row => [null, 0, "plain", tags];

/**
 * One row a resource type: the naming limits of the service's own documentation. A type without a
 * row cannot be made.
 */
const rows: NameRows = {
  "aws:apigatewayv2/api:Api": ["name", 128, "plain", "tags"],
  "aws:apigatewayv2/integration:Integration": nameless(),
  "aws:apigatewayv2/route:Route": nameless(),
  "aws:apigatewayv2/stage:Stage": nameless("tags"),
  "aws:budgets/budget:Budget": ["name", 100, "plain", "tags"],
  "aws:cloudfront/distribution:Distribution": nameless("tags"),
  "aws:cloudfront/vpcOrigin:VpcOrigin": nameless("tags"),
  "aws:cloudwatch/logGroup:LogGroup": nameless("tags"),
  "aws:cloudwatch/metricAlarm:MetricAlarm": ["name", 255, "plain", "tags"],
  "aws:ec2/eip:Eip": nameless("tags"),
  "aws:ec2/internetGateway:InternetGateway": nameless("tags"),
  "aws:ec2/natGateway:NatGateway": nameless("tags"),
  "aws:ec2/routeTable:RouteTable": nameless("tags"),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": nameless(),
  "aws:ec2/securityGroup:SecurityGroup": ["name", 255, "plain", "tags"],
  "aws:ec2/subnet:Subnet": nameless("tags"),
  "aws:ec2/vpc:Vpc": nameless("tags"),
  "aws:ecs/cluster:Cluster": ["name", 255, "plain", "tags"],
  "aws:ecs/service:Service": ["name", 255, "plain", "tags"],
  "aws:ecs/taskDefinition:TaskDefinition": ["family", 255, "plain", "tags"],
  "aws:iam/role:Role": ["name", 64, "plain", "tags"],
  "aws:iam/rolePolicy:RolePolicy": ["name", 128, "plain", null],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": nameless(),
  "aws:lambda/eventSourceMapping:EventSourceMapping": nameless("tags"),
  "aws:lambda/function:Function": ["name", 64, "plain", "tags"],
  "aws:lambda/functionUrl:FunctionUrl": nameless(),
  "aws:lambda/invocation:Invocation": nameless(),
  "aws:lambda/permission:Permission": ["statementId", 100, "plain", null],
  "aws:lb/listener:Listener": nameless("tags"),
  "aws:lb/loadBalancer:LoadBalancer": ["name", 32, "dns", "tags"],
  "aws:lb/targetGroup:TargetGroup": ["name", 32, "dns", "tags"],
  "aws:rds/instance:Instance": ["identifier", 63, "dns", "tags"],
  "aws:rds/parameterGroup:ParameterGroup": ["name", 255, "dns", "tags"],
  "aws:rds/proxy:Proxy": ["name", 63, "dns", "tags"],
  "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": nameless(),
  "aws:rds/proxyTarget:ProxyTarget": nameless(),
  "aws:rds/subnetGroup:SubnetGroup": ["name", 255, "dns", "tags"],
  "aws:secretsmanager/secret:Secret": ["name", 512, "plain", "tags"],
  "aws:secretsmanager/secretVersion:SecretVersion": nameless(),
  "aws:sns/topic:Topic": ["name", 256, "plain", "tags"],
  "aws:sns/topicSubscription:TopicSubscription": nameless(),
  "aws:sqs/queue:Queue": ["name", 80, "plain", "tags"],
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": nameless("tags"),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": nameless("tags"),
  "aws:wafv2/ipSet:IpSet": ["name", 128, "plain", "tags"],
  "aws:wafv2/webAcl:WebAcl": ["name", 128, "plain", "tags"],

  "gcp:bigquery/dataset:Dataset": ["datasetId", 1024, "snake", "labels"],
  "gcp:bigquery/datasetAccess:DatasetAccess": nameless(),
  "gcp:billing/budget:Budget": ["displayName", 60, "plain", null],
  "gcp:cloudfunctionsv2/function:Function": ["name", 63, "dns", "labels"],
  "gcp:cloudrunv2/job:Job": ["name", 49, "dns", "labels"],
  "gcp:cloudrunv2/service:Service": ["name", 49, "dns", "labels"],
  "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": nameless(),
  "gcp:compute/globalAddress:GlobalAddress": ["name", 63, "dns", "labels"],
  "gcp:compute/network:Network": ["name", 63, "dns", null],
  "gcp:compute/subnetwork:Subnetwork": ["name", 63, "dns", null],
  "gcp:iam/workloadIdentityPool:WorkloadIdentityPool": ["workloadIdentityPoolId", 32, "dns", null],
  "gcp:iam/workloadIdentityPoolProvider:WorkloadIdentityPoolProvider": [
    "workloadIdentityPoolProviderId",
    32,
    "dns",
    null,
  ],
  "gcp:iap/webCloudRunServiceIamMember:WebCloudRunServiceIamMember": nameless(),
  "gcp:monitoring/alertPolicy:AlertPolicy": ["displayName", 512, "plain", "userLabels"],
  "gcp:monitoring/notificationChannel:NotificationChannel": ["displayName", 512, "plain", "userLabels"],
  "gcp:projects/iAMCustomRole:IAMCustomRole": ["roleId", 64, "snake", null],
  "gcp:projects/iAMMember:IAMMember": nameless(),
  "gcp:projects/service:Service": nameless(),
  "gcp:projects/serviceIdentity:ServiceIdentity": nameless(),
  "gcp:pubsub/subscription:Subscription": ["name", 255, "plain", "labels"],
  "gcp:pubsub/topic:Topic": ["name", 255, "plain", "labels"],
  "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": nameless(),
  "gcp:pubsub/topicIAMMember:TopicIAMMember": nameless(),
  "gcp:secretmanager/secret:Secret": ["secretId", 255, "plain", "labels"],
  "gcp:secretmanager/secretIamMember:SecretIamMember": nameless(),
  "gcp:secretmanager/secretVersion:SecretVersion": nameless(),
  "gcp:serviceaccount/account:Account": ["accountId", 30, "dns", null],
  "gcp:serviceaccount/iAMMember:IAMMember": nameless(),
  "gcp:serviceaccount/key:Key": nameless(),
  "gcp:servicenetworking/connection:Connection": nameless(),
  "gcp:sql/database:Database": nameless(),
  "gcp:sql/databaseInstance:DatabaseInstance": ["name", 84, "dns", null],
  "gcp:sql/user:User": nameless(),
  "gcp:storage/bucket:Bucket": ["name", 63, "dns", "labels"],
  "gcp:storage/bucketIAMMember:BucketIAMMember": nameless(),
  "gcp:storage/bucketObject:BucketObject": nameless(),

  "docker:index/container:Container": ["name", 63, "dns", "list"],
  "docker:index/network:Network": ["name", 63, "dns", "list"],
  "docker:index/remoteImage:RemoteImage": nameless(),
  "docker:index/volume:Volume": ["name", 63, "dns", "list"],

  "random:index/randomId:RandomId": nameless(),
  "random:index/randomPassword:RandomPassword": nameless(),
  "tls:index/privateKey:PrivateKey": nameless(),
};

/** The rules of every type that can be made. */
export const nameRules: Record<string, NameRule> = {};
addNameRules(rows);

/** Adds those of another provider's types. */
export function addNameRules(more: NameRows): void {
  for (const [type, [field, max, alphabet, tags]] of Object.entries(more))
    nameRules[type] = { field, max, alphabet, tags };
}
