import { z } from "zod";
import type { VisualizerCapabilities } from "../checking/capabilities.ts";
import { cidr, port, secretText } from "../checking/settings.ts";

/**
 * What the hosts can reach: their own network and the internet. Somebody else's host has no way
 * into a private network of ours.
 */
export const hostCapabilities = {
  aws: { providers: ["aws"], reaches: ["internet", "aws-vpc"], host: "aws" },
  gcp: { providers: ["gcp"], reaches: ["internet", "gcp-vpc"], host: "gcp" },
  docker: { providers: ["docker"], reaches: ["internet", "docker"], host: "docker" },
  external: { providers: [], reaches: ["internet"] },
} satisfies Record<string, VisualizerCapabilities>;

const databaseStorage = z
  .int()
  .min(20)
  .default(20)
  .meta({ description: "Disk of its own database, which holds accounts and dashboards.", unit: "GB" });

/** Settings by host, the same for every product that we host. */
export const hostSettings = {
  aws: z
    .strictObject({
      allow: z
        .array(cidr.refine((text) => !text.endsWith("/0"), "must not be /0, which AWS WAF does not take"))
        .default([])
        .meta({ description: "Networks that may open it, as CIDRs. Empty: nobody yet." }),
      databaseClass: z
        .string()
        .default("db.t4g.micro")
        .meta({ description: "The RDS instance class of its own database.", change: "restarts" }),
      databaseStorageGb: databaseStorage,
    })
    .prefault({})
    .meta({ description: "Settings of host aws." }),
  gcp: z
    .strictObject({
      allow: z
        .array(
          z.string().regex(/^(user|group|domain|serviceAccount):.+/, 'must be "user:...", "group:..." or "domain:..."'),
        )
        .default([])
        .meta({
          description:
            'Who may open it, with their Google accounts: "user:...", "group:...", "domain:...". Empty: nobody yet.',
        }),
      databaseTier: z
        .string()
        .default("db-f1-micro")
        .meta({ description: "The Cloud SQL tier of its own database.", change: "restarts" }),
      databaseStorageGb: databaseStorage,
    })
    .prefault({})
    .meta({ description: "Settings of host gcp." }),
  docker: z
    .strictObject({
      port: port.optional().meta({
        description: "The port of the machine that it listens on. Unset: the product's own.",
        change: "replaces",
      }),
    })
    .prefault({})
    .meta({ description: "Settings of host docker." }),
  external: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }).meta({ description: "The address of one that stands already." }),
      user: z.string().meta({ description: "An administrator, as whom dashboards are applied." }),
      password: secretText.meta({ description: "The password of that administrator." }),
    })
    .optional()
    .meta({ description: "One that stands already. Required where host is external." }),
};
