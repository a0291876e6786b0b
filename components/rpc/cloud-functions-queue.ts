import { interpolate, type Output, type Resource } from "@pulumi/pulumi";
import { variable } from "../environment.ts";
import type { GcpHost } from "../host/gcp/gcp.ts";
import { memberOf } from "../host/gcp/services.ts";
import type { Principal } from "../link.ts";
import type { Children } from "../making/children.ts";
import { type Gcp, sdk } from "../making/sdk.ts";
import type { FunctionArgs } from "./cloud-functions.ts";
import { deadLettersAlarm, type Queue, queueAgeAlarm } from "./queue.ts";

export interface FunctionsQueueClasses {
  topic: typeof Gcp.pubsub.Topic;
  publisher: typeof Gcp.pubsub.TopicIAMMember;
  deadLetters: typeof Gcp.pubsub.Topic;
  deadLettersKept: typeof Gcp.pubsub.Subscription;
  deadLettersPublisher: typeof Gcp.pubsub.TopicIAMMember;
  pusher: typeof Gcp.serviceaccount.Account;
  pushSigner: typeof Gcp.serviceaccount.IAMMember;
  push: typeof Gcp.pubsub.Subscription;
  pushForwarder: typeof Gcp.pubsub.SubscriptionIAMMember;
  worker: typeof Gcp.cloudfunctionsv2.Function;
  workerErrors: typeof Gcp.monitoring.AlertPolicy;
  deadLettersAlarm: typeof Gcp.monitoring.AlertPolicy;
  queueAge: typeof Gcp.monitoring.AlertPolicy;
}

type CreateWorker = (args: FunctionArgs, invoker: Output<string>) => { url: Output<string>; ready: Resource[] };

const TWO_WEEKS = "1209600s";

/**
 * A Pub/Sub topic pushed to the worker with an OIDC token; what could not be stored in a hundred
 * tries, which take most of a day, is a dead letter, kept two weeks. A subscription of our own and
 * not the function's event trigger, because that one takes no dead letter policy.
 */
export function createQueue(
  host: GcpHost,
  children: Children<FunctionsQueueClasses>,
  publishedBy: Principal & { cloud: "gcp" },
  shared: FunctionArgs,
  createWorker: CreateWorker,
): Queue {
  const { pubsub } = sdk.gcp();
  const { project } = host;
  const enabled = { dependsOn: [host.enable("pubsub")] };
  const topic = children.make("topic", pubsub.Topic, { project }, enabled);
  const publisher = children.make("publisher", pubsub.TopicIAMMember, {
    project,
    topic: topic.name,
    role: "roles/pubsub.publisher",
    member: memberOf(publishedBy),
  });
  const deadLetters = children.make("deadLetters", pubsub.Topic, { project }, enabled);
  children.make("deadLettersKept", pubsub.Subscription, {
    project,
    topic: deadLetters.name,
    messageRetentionDuration: TWO_WEEKS,
    expirationPolicy: { ttl: "" },
  });
  // Pub/Sub's own account moves dead letters: it takes them from the one and publishes them to the
  // other.
  const agent = host.agent("pubsub");
  const toDeadLetters = children.make("deadLettersPublisher", pubsub.TopicIAMMember, {
    project,
    topic: deadLetters.name,
    role: "roles/pubsub.publisher",
    member: agent,
  });

  const pusher = host.identity(children, "pusher");
  const worker = createWorker(
    { ...shared, env: { ...shared.env, ...variable("INTEGRAVIZ_PUSH", { email: pusher.email }) } },
    memberOf(pusher),
  );
  // Pub/Sub signs its pushes as this account, which its own may not everywhere by itself.
  const signer = children.make("pushSigner", sdk.gcp().serviceaccount.IAMMember, {
    serviceAccountId: interpolate`projects/${project}/serviceAccounts/${pusher.email}`,
    role: "roles/iam.serviceAccountTokenCreator",
    member: agent,
  });
  const push = children.make(
    "push",
    pubsub.Subscription,
    {
      project,
      topic: topic.name,
      ackDeadlineSeconds: 60,
      messageRetentionDuration: TWO_WEEKS,
      expirationPolicy: { ttl: "" },
      pushConfig: { pushEndpoint: worker.url, oidcToken: { serviceAccountEmail: pusher.email, audience: worker.url } },
      deadLetterPolicy: { deadLetterTopic: deadLetters.id, maxDeliveryAttempts: 100 },
      retryPolicy: { minimumBackoff: "10s", maximumBackoff: "600s" },
    },
    { dependsOn: [...worker.ready, toDeadLetters, signer] },
  );
  children.make("pushForwarder", pubsub.SubscriptionIAMMember, {
    project,
    subscription: push.name,
    role: "roles/pubsub.subscriber",
    member: agent,
  });
  const ofPush = (metric: string) =>
    interpolate`resource.type="pubsub_subscription" AND resource.labels.subscription_id="${push.name}" AND metric.type="pubsub.googleapis.com/subscription/${metric}"`;
  host.alarm(children, "deadLettersAlarm", {
    ...deadLettersAlarm,
    filter: ofPush("dead_letter_message_count"),
    aligner: "ALIGN_DELTA",
  });
  host.alarm(children, "queueAge", {
    ...queueAgeAlarm,
    filter: ofPush("oldest_unacked_message_age"),
    aligner: "ALIGN_MAX",
  });
  return {
    env: variable("INTEGRAVIZ_QUEUE", { kind: "pubsub", project, topic: topic.name }),
    ready: [publisher],
  };
}
