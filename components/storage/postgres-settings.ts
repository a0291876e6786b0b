import { z } from "zod";
import { inputText, port, rotation, secretText } from "../checking/settings.ts";

const backupDays = z
  .int()
  .min(1)
  .max(35)
  .default(7)
  .meta({ description: "How long backups are kept, and how far back the database can be set.", unit: "days" });
const storageGb = z
  .int()
  .min(20)
  .max(16384)
  .default(20)
  .meta({ description: "Disk of the database; it can grow and never shrink.", unit: "GB" });

/** How an instance that is there already is reached, in the network of the functions. */
const adopted = {
  address: inputText.meta({ description: "The private address of the instance.", change: "restarts" }),
  user: inputText.meta({ description: "A user that may create roles: the migrations run as this one." }),
  password: secretText.meta({ description: "The password of that user." }),
};

export const postgresSchema = z
  .strictObject({
    host: z.enum(["aws", "gcp", "docker", "external"]).meta({
      description: "Where it runs: RDS, Cloud SQL, a container, or a server that stands already.",
      change: "replaces",
    }),
    version: z.enum(["15", "16", "17"]).default("17").meta({
      description:
        "Major version of a server that is made. A higher one upgrades it in a window of its own; there is no way back.",
      change: "restarts",
    }),
    database: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,62}$/, "must be a-z, 0-9 and _, starting with a letter")
      .default("integraviz")
      .meta({ description: "The name of the database.", change: "replaces" }),
    rotation,
    aws: z
      .strictObject({
        instanceClass: z
          .string()
          .default("db.t4g.micro")
          .meta({ description: "The RDS instance class.", change: "restarts" }),
        storageGb,
        maxStorageGb: z
          .int()
          .default(200)
          .meta({ description: "How far the disk grows by itself; at least a tenth more than storageGb.", unit: "GB" }),
        backupDays,
        multiAz: z
          .boolean()
          .default(false)
          .meta({ description: "A second instance in another zone takes over when the first fails." }),
        proxy: z.boolean().default(false).meta({
          description:
            "RDS Proxy, for the writer's logins of many concurrent functions. A session that appends keeps its connection to the database for itself.",
        }),
        adopt: z
          .strictObject({
            ...adopted,
            securityGroupId: inputText.meta({
              description: "The instance's security group, which is made to let the functions in.",
              change: "replaces",
            }),
          })
          .optional()
          .meta({ description: "An RDS instance that is there already, in the VPC of integraviz:hosts.aws.vpc." }),
      })
      .refine(({ storageGb, maxStorageGb }) => maxStorageGb >= 1.1 * storageGb, {
        path: ["maxStorageGb"],
        message: "must be at least a tenth more than storageGb, which grows up to it",
      })
      .prefault({})
      .meta({ description: "Settings of host aws." }),
    gcp: z
      .strictObject({
        tier: z.string().default("db-custom-1-3840").meta({ description: "The Cloud SQL tier.", change: "restarts" }),
        storageGb,
        backupDays,
        highAvailability: z.boolean().default(false).meta({
          description: "A second instance in another zone takes over when the first fails.",
          change: "restarts",
        }),
        adopt: z
          .strictObject({
            ...adopted,
            ca: inputText.meta({
              description: "The certificate of the instance's own CA, as PEM.",
              change: "restarts",
            }),
          })
          .optional()
          .meta({
            description: "A Cloud SQL instance that is there already, in the network of integraviz:hosts.gcp.network.",
          }),
      })
      .prefault({})
      .meta({ description: "Settings of host gcp." }),
    docker: z
      .strictObject({
        port: port.optional().meta({
          description:
            "The port of the machine that the database listens on. Unset: none, only other containers reach it.",
          change: "replaces",
        }),
      })
      .prefault({})
      .meta({ description: "Settings of host docker." }),
    external: z
      .strictObject({
        address: inputText.meta({ description: "The address of the server.", change: "restarts" }),
        port: port.default(5432).meta({ description: "The port of the server.", change: "restarts" }),
        user: inputText.meta({
          description: "A user that may create roles: the migrations run as this one, and nothing else does.",
        }),
        password: secretText.meta({ description: "The password of that user." }),
        tls: z.enum(["verify-full", "verify-ca"]).default("verify-full").meta({
          description: "How strictly the server's certificate is checked: with its name, or its CA alone.",
          change: "restarts",
        }),
        ca: inputText.optional().meta({
          description: "The certificate of the server's CA, as PEM. Unset: the public ones.",
          change: "restarts",
        }),
      })
      .optional()
      .meta({ description: "A server that stands already. Required where host is external." }),
  })
  .refine((settings) => settings.host !== "external" || settings.external !== undefined, {
    path: ["external"],
    message: 'is required where host is "external": address, user and password',
  });
