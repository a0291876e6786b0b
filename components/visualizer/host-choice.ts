import { z } from "zod";
import type { VisualizerCapabilities } from "../checking/capabilities.ts";
import { cidr, port, secretText } from "../checking/settings.ts";

/** What the hosts can reach: their own network and the internet. Somebody else's host has no way into a private network of ours. */
export const hostCapabilities = {
  aws: { providers: ["aws"], reaches: ["internet", "aws-vpc"], host: "aws" },
  gcp: { providers: ["gcp"], reaches: ["internet", "gcp-vpc"], host: "gcp" },
  docker: { providers: ["docker"], reaches: ["internet", "docker"], host: "docker" },
  external: { providers: [], reaches: ["internet"] },
} satisfies Record<string, VisualizerCapabilities>;

const databaseStorage = z.int().min(20).default(20);

/** Settings by host, the same for every product that we host. */
export const hostSettings = {
  aws: z
    .strictObject({
      /** Who may open it. Empty: nobody yet. */
      allow: z
        .array(cidr.refine((text) => !text.endsWith("/0"), "must not be /0, which AWS WAF does not take"))
        .default([]),
      databaseClass: z.string().default("db.t4g.micro"),
      databaseStorageGb: databaseStorage,
    })
    .prefault({}),
  gcp: z
    .strictObject({
      /** Who may open it, with their Google accounts: "user:...", "group:...", "domain:...". Empty: nobody yet. */
      allow: z
        .array(
          z.string().regex(/^(user|group|domain|serviceAccount):.+/, 'must be "user:...", "group:..." or "domain:..."'),
        )
        .default([]),
      databaseTier: z.string().default("db-f1-micro"),
      databaseStorageGb: databaseStorage,
    })
    .prefault({}),
  docker: z.strictObject({ port: port.optional() }).prefault({}),
  external: z
    .strictObject({
      url: z.url({ protocol: /^https?$/ }),
      /** An administrator, as whom dashboards are applied. */
      user: z.string(),
      password: secretText,
    })
    .optional(),
};
