import type { In } from "../../link.ts";
import { sdk } from "../../sdk.ts";
import type { HostChildren } from "../host.ts";
import type { GcpHost } from "./gcp.ts";

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

export function gcpAlarm(
  host: GcpHost,
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
