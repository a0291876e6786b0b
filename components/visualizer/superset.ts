import { interpolate } from "@pulumi/pulumi";
import { z } from "zod";
import { secretText } from "../checking/settings.ts";
import type { CreateArgs } from "../implementation.ts";
import { PSYCOPG2, type SqlAlchemyDriver } from "../storage/storage.ts";
import { hostCapabilities, hostSettings } from "./host-choice.ts";
import type { Product } from "./hosted.ts";
import { type ProductClasses, ProductVisualizer } from "./product.ts";
import type { Visualizer, VisualizerArgs, VisualizerImplementation } from "./visualizer.ts";

const schema = z
  .strictObject({
    host: z.enum(["aws", "gcp", "docker", "external", "preset"]).meta({
      description: "Where it runs; external is one that stands already, preset a workspace of Preset's.",
      change: "replaces",
    }),
    image: z
      .string()
      .default("apache/superset:6.1.0")
      .meta({ description: "The image its containers run.", change: "restarts" }),
    admin: z
      .string()
      .default("admin")
      .meta({ description: "The name of the first administrator, made when it starts for the first time." }),
    ...hostSettings,
    preset: z
      .strictObject({
        url: z.url({ protocol: /^https$/ }).meta({ description: "The address of the workspace." }),
        tokenName: z.string().meta({ description: "The name of an API token of Preset's." }),
        tokenSecret: secretText.meta({ description: "The secret of that API token." }),
      })
      .optional()
      .meta({
        description:
          "A workspace of Preset's: nothing is hosted, its API is the target. Required where host is preset.",
      }),
  })
  .refine((settings) => settings.host !== "external" || settings.external !== undefined, {
    path: ["external"],
    message: 'is required where host is "external": url, user and password',
  })
  .refine((settings) => settings.host !== "preset" || settings.preset !== undefined, {
    path: ["preset"],
    message: 'is required where host is "preset": url, tokenName and tokenSecret',
  });
type Settings = z.output<typeof schema>;

const CONFIG = `import os
SECRET_KEY = os.environ["INTEGRAVIZ_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = "postgresql+psycopg2://%s:%s@%s" % (
    os.environ["INTEGRAVIZ_METADATA_USER"], os.environ["INTEGRAVIZ_METADATA_PASSWORD"], os.environ["INTEGRAVIZ_METADATA"])
ENABLE_PROXY_FIX = True
FAB_ADD_SECURITY_API = True
WTF_CSRF_ENABLED = True
SESSION_COOKIE_SECURE = os.environ["INTEGRAVIZ_HTTPS"] == "1"
SESSION_COOKIE_SAMESITE = "Lax"
TALISMAN_CONFIG = {"content_security_policy": None, "force_https": False}
`;

/**
 * Installs the drivers beside what the image has, held to its versions; an image that has them is
 * left as it is. Its Superset is installed from a folder, which is no version to hold to.
 */
export const INSTALL_DRIVERS = `python -c "import $INTEGRAVIZ_DRIVER_MODULES" 2>/dev/null || {
  uv pip freeze --exclude-editable > /tmp/versions.txt
  uv pip install --quiet --no-cache --target /tmp/drivers --constraint /tmp/versions.txt $INTEGRAVIZ_DRIVERS
}`;

/**
 * What INSTALL_DRIVERS reads, for a storage. The vendor's image has no driver at all, not even for
 * its own metadata.
 */
export function driverEnvironment(storage: SqlAlchemyDriver): Record<string, string> {
  const drivers = [PSYCOPG2, ...(storage.module === PSYCOPG2.module ? [] : [storage])];
  return {
    INTEGRAVIZ_DRIVERS: drivers.flatMap(({ packages }) => packages).join(" "),
    INTEGRAVIZ_DRIVER_MODULES: drivers.map(({ module }) => module).join(", "),
  };
}

/** Drivers first, then what the container is for: nothing is built. */
const prepared = (what: string) => [
  "/bin/sh",
  "-c",
  ["set -e", 'printf "%s" "$INTEGRAVIZ_CONFIG" > /tmp/superset_config.py', INSTALL_DRIVERS, what].join("\n"),
];

const INIT = `superset db upgrade
superset fab create-admin --username "$INTEGRAVIZ_ADMIN" --firstname Integraviz --lastname Admin --email admin@integraviz.invalid --password "$INTEGRAVIZ_ADMIN_PASSWORD" || superset fab reset-password --username "$INTEGRAVIZ_ADMIN" --password "$INTEGRAVIZ_ADMIN_PASSWORD"
superset init`;

const product = (image: string, https: boolean): Product => ({
  name: "superset",
  image,
  port: 8088,
  health: "/health",
  startupSeconds: 180,
  cpu: 1,
  memory: 2048,
  command: prepared("exec /app/docker/entrypoints/run-server.sh"),
  init: prepared(INIT),
  environment: ({ metadata, secretKey, admin, sqlAlchemy }) => ({
    env: {
      INTEGRAVIZ_CONFIG: CONFIG,
      ...driverEnvironment(sqlAlchemy),
      INTEGRAVIZ_HTTPS: https ? "1" : "0",
      INTEGRAVIZ_METADATA: interpolate`${metadata.host}:${metadata.port}/${metadata.database}?sslmode=${metadata.tls.mode === "off" ? "disable" : "require"}`,
      INTEGRAVIZ_METADATA_USER: metadata.user,
      INTEGRAVIZ_ADMIN: admin.user,
      SUPERSET_CONFIG_PATH: "/tmp/superset_config.py",
      PYTHONPATH: "/tmp/drivers:/app/pythonpath",
      FLASK_APP: "superset.app:create_app()",
      SUPERSET_PORT: "8088",
    },
    secrets: {
      INTEGRAVIZ_SECRET_KEY: secretKey,
      INTEGRAVIZ_METADATA_PASSWORD: metadata.password,
      INTEGRAVIZ_ADMIN_PASSWORD: admin.password,
    },
  }),
});

export const superset = {
  schema,
  capabilities: { ...hostCapabilities, preset: { providers: [], reaches: ["internet"] } },
  host: ({ host }) => host,
  create: (name, args: VisualizerArgs & CreateArgs<Settings, ProductClasses>, opts): Visualizer => {
    const { host, image, external, preset } = args.settings;
    const remote =
      host === "preset" && preset
        ? { url: preset.url, user: preset.tokenName, password: preset.tokenSecret }
        : external;
    return new ProductVisualizer(
      name,
      product(image, host !== "docker"),
      // On Google Cloud it is a service account itself; elsewhere its driver takes only a key.
      host === "gcp" ? "identity" : "key",
      { ...args, settings: { ...args.settings, remote } },
      opts,
    );
  },
} satisfies VisualizerImplementation;
