import { interpolate } from "@pulumi/pulumi";
import { z } from "zod";
import type { CreateArgs } from "../implementation.ts";
import { hostCapabilities, hostSettings } from "./host-choice.ts";
import type { Product } from "./hosted.ts";
import { type ProductClasses, ProductVisualizer } from "./product.ts";
import type { Visualizer, VisualizerArgs, VisualizerImplementation } from "./visualizer.ts";

const schema = z
  .strictObject({
    host: z
      .enum(["aws", "gcp", "docker", "external"])
      .meta({ description: "Where it runs; external is one that stands already.", change: "replaces" }),
    /** 0.64 or newer: before, CVE-2026-72899 lets strangers run SQL through a shared dashboard. */
    image: z
      .string()
      .default("metabase/metabase:v0.64.3")
      .meta({ description: "The image its containers run.", change: "restarts" }),
    admin: z
      .email()
      .default("admin@integraviz.invalid")
      .meta({ description: "The address of the first administrator, made when it starts for the first time." }),
    ...hostSettings,
  })
  .refine((settings) => settings.host !== "external" || settings.external !== undefined, {
    path: ["external"],
    message: 'is required where host is "external": url, user and password',
  });
type Settings = z.output<typeof schema>;

/** Its drivers come with it; it migrates its own database when it starts. */
const product = (image: string): Product => ({
  name: "metabase",
  image,
  port: 3000,
  health: "/api/health",
  startupSeconds: 240,
  cpu: 1,
  memory: 2048,
  environment: ({ metadata, secretKey }) => ({
    env: {
      MB_DB_TYPE: "postgres",
      MB_DB_CONNECTION_URI: interpolate`jdbc:postgresql://${metadata.host}:${metadata.port}/${metadata.database}?sslmode=${metadata.tls.mode === "off" ? "disable" : "require"}`,
      MB_DB_USER: metadata.user,
      MB_JETTY_PORT: "3000",
      MB_ANON_TRACKING_ENABLED: "false",
      MB_PASSWORD_COMPLEXITY: "strong",
      JAVA_OPTS: "-Xmx1g",
    },
    secrets: { MB_DB_PASS: metadata.password, MB_ENCRYPTION_SECRET_KEY: secretKey },
  }),
});

export const metabase = {
  schema,
  capabilities: hostCapabilities,
  host: ({ host }) => host,
  create: (name, args: VisualizerArgs & CreateArgs<Settings, ProductClasses>, opts): Visualizer =>
    new ProductVisualizer(
      name,
      product(args.settings.image),
      // Metabase takes a service account only as a key.
      "key",
      { ...args, settings: { ...args.settings, remote: args.settings.external } },
      opts,
    ),
} satisfies VisualizerImplementation;
