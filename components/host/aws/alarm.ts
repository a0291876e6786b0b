import type { Input, Output } from "@pulumi/pulumi";
import type { In } from "../../link.ts";
import type { Children } from "../../making/children.ts";
import { type Aws, sdk } from "../../making/sdk.ts";

/** Where alarms are sent. */
export interface AlertClasses {
  alerts: typeof Aws.sns.Topic;
  alertsEmail: typeof Aws.sns.TopicSubscription;
}

/** The channel of alarms, a topic: who is told subscribes to it, and today that is one address. */
export function alertTopic(children: Children<AlertClasses>, email: Input<string>): Output<string> {
  const { sns } = sdk.aws();
  // Unencrypted: CloudWatch may not use the AWS-managed key, and an alarm that cannot be sent is
  // none.
  const topic = children.make("alerts", sns.Topic, {});
  children.make("alertsEmail", sns.TopicSubscription, { topic: topic.arn, protocol: "email", endpoint: email });
  return topic.arn;
}

export interface AlarmArgs {
  /** What is wrong when it rings. */
  description: string;
  namespace: string;
  metric: string;
  dimensions: Record<string, In>;
  statistic: "Sum" | "Maximum" | "Minimum" | "Average";
  /** Rings above, or below, this. */
  above?: number;
  below?: number;
  /** For how long it must last. */
  minutes: number;
}

export function awsAlarm<K extends string>(
  children: Children<Record<K, typeof Aws.cloudwatch.MetricAlarm>>,
  key: K,
  args: AlarmArgs,
  topicArn: In | undefined,
): void {
  const rising = args.above !== undefined;
  children.make(key, sdk.aws().cloudwatch.MetricAlarm, {
    alarmDescription: args.description,
    namespace: args.namespace,
    metricName: args.metric,
    dimensions: args.dimensions,
    statistic: args.statistic,
    comparisonOperator: rising ? "GreaterThanThreshold" : "LessThanThreshold",
    threshold: rising ? args.above! : args.below!,
    period: args.minutes * 60,
    evaluationPeriods: 1,
    treatMissingData: "notBreaching",
    ...(topicArn ? { alarmActions: [topicArn], okActions: [topicArn] } : {}),
  });
}
