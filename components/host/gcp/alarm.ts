import { type Input, interpolate, type Output } from "@pulumi/pulumi";
import type { In } from "../../link.ts";
import type { Children } from "../../making/children.ts";
import { type Gcp, sdk } from "../../making/sdk.ts";
import type { HostChildren } from "../host.ts";
import type { GcpServices } from "./services.ts";

/** Where alarms, and what is told of the budget, are sent. */
export interface AlertClasses {
  alerts: typeof Gcp.monitoring.NotificationChannel;
  budgetMail: typeof Gcp.monitoring.NotificationChannel;
}

/** A channel of alarms or of the budget: mail to one address. */
export function alertChannel(
  host: GcpServices,
  children: Children<AlertClasses>,
  key: keyof AlertClasses,
  email: Input<string>,
): Output<string> {
  return children.make(
    key,
    sdk.gcp().monitoring.NotificationChannel,
    { project: host.project, type: "email", labels: { email_address: email } },
    { dependsOn: [host.enable("monitoring")] },
  ).id;
}

export interface AlarmArgs {
  /** What is wrong when it rings. */
  description: string;
  /** A Monitoring filter on one metric and resource. */
  filter: In;
  /** "ALIGN_RATE", "ALIGN_MAX", ... */
  aligner: "ALIGN_RATE" | "ALIGN_DELTA" | "ALIGN_MAX" | "ALIGN_MEAN";
  above: number;
  minutes: number;
}

/** Rings at the first answers 5xx of a Cloud Run service, which a function is as well. */
export function serverErrors(service: Output<string>): Omit<AlarmArgs, "description"> {
  return {
    filter: interpolate`resource.type="cloud_run_revision" AND resource.labels.service_name="${service}" AND metric.type="run.googleapis.com/request_count" AND metric.labels.response_code_class="5xx"`,
    aligner: "ALIGN_DELTA",
    above: 0,
    minutes: 5,
  };
}

export function gcpAlarm(
  host: GcpServices,
  children: HostChildren,
  key: string,
  args: AlarmArgs,
  channel: In | undefined,
): void {
  children.make(
    key,
    sdk.gcp().monitoring.AlertPolicy,
    {
      project: host.project,
      combiner: "OR",
      documentation: { content: args.description, mimeType: "text/markdown" },
      conditions: [
        {
          displayName: args.description,
          conditionThreshold: {
            filter: args.filter,
            comparison: "COMPARISON_GT",
            thresholdValue: args.above,
            duration: `${args.minutes * 60}s`,
            aggregations: [{ alignmentPeriod: "300s", perSeriesAligner: args.aligner }],
          },
        },
      ],
      ...(channel ? { notificationChannels: [channel] } : {}),
    },
    { dependsOn: [host.enable("monitoring")] },
  );
}
