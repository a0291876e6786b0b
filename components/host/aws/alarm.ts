import type { In } from "../../link.ts";
import type { Children } from "../../making/children.ts";
import { type Aws, sdk } from "../../making/sdk.ts";

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
