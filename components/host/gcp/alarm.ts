import { interpolate, type Output } from "@pulumi/pulumi";
import type { In } from "../../link.ts";
import { sdk } from "../../making/sdk.ts";
import type { HostChildren } from "../host.ts";
import type { GcpServices } from "./services.ts";

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

/** The answers 5xx of a Cloud Run service, which a function is as well. */
export function serverErrors(service: Output<string>): Output<string> {
  return interpolate`resource.type="cloud_run_revision" AND resource.labels.service_name="${service}" AND metric.type="run.googleapis.com/request_count" AND metric.labels.response_code_class="5xx"`;
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
