import { jsonStringify } from "@pulumi/pulumi";
import { variable } from "../environment.ts";
import type { AwsHost } from "../host/aws/aws.ts";
import type { Children } from "../making/children.ts";
import { type Aws, sdk } from "../making/sdk.ts";
import type { FunctionArgs } from "./lambda.ts";
import { deadLettersAlarm, type Queue, queueAgeAlarm } from "./queue.ts";

export interface LambdaQueueClasses {
  queue: typeof Aws.sqs.Queue;
  deadLetters: typeof Aws.sqs.Queue;
  worker: typeof Aws.lambda.Function;
  workerSource: typeof Aws.lambda.EventSourceMapping;
  workerErrors: typeof Aws.cloudwatch.MetricAlarm;
  deadLettersAlarm: typeof Aws.cloudwatch.MetricAlarm;
  queueAge: typeof Aws.cloudwatch.MetricAlarm;
  grant: typeof Aws.iam.RolePolicy;
}

const WORKER_SECONDS = 60;

/**
 * An SQS queue whose worker appends in batches and gives back the items that failed; what could not
 * be stored in a hundred tries, ten hours, is a dead letter, kept two weeks.
 */
export function createQueue(
  host: AwsHost,
  children: Children<LambdaQueueClasses>,
  publisher: FunctionArgs["role"],
  shared: Omit<FunctionArgs, "timeoutSeconds">,
  createWorker: (args: FunctionArgs) => Aws.lambda.Function,
): Queue {
  const aws = sdk.aws();
  const twoWeeks = 14 * 24 * 3600;
  const deadLetters = children.make("deadLetters", aws.sqs.Queue, {
    messageRetentionSeconds: twoWeeks,
    sqsManagedSseEnabled: true,
  });
  const queue = children.make("queue", aws.sqs.Queue, {
    messageRetentionSeconds: twoWeeks,
    maxMessageSize: 1024 * 1024,
    // AWS asks for six times the worker's time-out.
    visibilityTimeoutSeconds: 6 * WORKER_SECONDS,
    sqsManagedSseEnabled: true,
    redrivePolicy: jsonStringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 100 }),
  });
  const sends = host.grant(children, publisher, "queue-send", [
    { actions: ["sqs:SendMessage"], resources: [queue.arn] },
  ]);
  const receives = host.grant(children, shared.role, "queue-receive", [
    { actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], resources: [queue.arn] },
  ]);
  const worker = createWorker({
    ...shared,
    timeoutSeconds: WORKER_SECONDS,
    dependsOn: [...shared.dependsOn, ...receives],
  });
  children.make("workerSource", aws.lambda.EventSourceMapping, {
    eventSourceArn: queue.arn,
    functionName: worker.arn,
    batchSize: 50,
    maximumBatchingWindowInSeconds: 1,
    functionResponseTypes: ["ReportBatchItemFailures"],
    // Half of what a new account may run at once: the handler keeps the rest.
    scalingConfig: { maximumConcurrency: 5 },
  });
  host.alarm(children, "deadLettersAlarm", {
    ...deadLettersAlarm,
    ...ofQueue(deadLetters, "ApproximateNumberOfMessagesVisible"),
  });
  host.alarm(children, "queueAge", {
    ...queueAgeAlarm,
    ...ofQueue(queue, "ApproximateAgeOfOldestMessage"),
  });
  return {
    env: variable("INTEGRAVIZ_QUEUE", { kind: "sqs", url: queue.url, region: host.region }),
    ready: sends,
  };
}

const ofQueue = (queue: Aws.sqs.Queue, metric: string) =>
  ({ namespace: "AWS/SQS", metric, dimensions: { QueueName: queue.name }, statistic: "Maximum" }) as const;
