import { z } from "zod";
import { port, rotation, secretText } from "../checking/settings.ts";

const backupDays = z.int().min(1).max(35).default(7);
const storageGb = z.int().min(20).max(16384).default(20);

export const postgresSchema = z
  .strictObject({
    host: z.enum(["aws", "gcp", "docker", "external"]),
    /** Major version of a server that is made. */
    version: z.enum(["15", "16", "17"]).default("17"),
    database: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,62}$/, "must be a-z, 0-9 and _, starting with a letter")
      .default("integraviz"),
    rotation,
    aws: z
      .strictObject({
        instanceClass: z.string().default("db.t4g.micro"),
        storageGb,
        maxStorageGb: z.int().default(200),
        backupDays,
        multiAz: z.boolean().default(false),
        /** RDS Proxy, for the writer's logins of many concurrent functions. A session that appends keeps its connection to the database for itself. */
        proxy: z.boolean().default(false),
        /** An RDS instance that is there already, in the VPC of integraviz:hosts.aws.vpc. */
        adopt: z
          .strictObject({ address: z.string(), user: z.string(), password: secretText, securityGroupId: z.string() })
          .optional(),
      })
      .refine(({ storageGb, maxStorageGb }) => maxStorageGb > storageGb, {
        path: ["maxStorageGb"],
        message: "must be more than storageGb, which grows up to it",
      })
      .prefault({}),
    gcp: z
      .strictObject({
        tier: z.string().default("db-custom-1-3840"),
        storageGb,
        backupDays,
        highAvailability: z.boolean().default(false),
        /** A Cloud SQL instance that is there already, in the network of integraviz:hosts.gcp.network. */
        adopt: z
          .strictObject({ address: z.string(), user: z.string(), password: secretText, ca: z.string() })
          .optional(),
      })
      .prefault({}),
    docker: z.strictObject({ port: port.optional() }).prefault({}),
    external: z
      .strictObject({
        address: z.string(),
        port: port.default(5432),
        /** May create roles: the migrations run as this user, and nothing else does. */
        user: z.string(),
        password: secretText,
        tls: z.enum(["verify-full", "verify-ca"]).default("verify-full"),
        ca: z.string().optional(),
      })
      .optional(),
  })
  .refine((settings) => settings.host !== "external" || settings.external !== undefined, {
    path: ["external"],
    message: 'is required where host is "external": address, user and password',
  });
