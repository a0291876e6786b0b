/** Where dashboards are applied, and how the visualizer there reads the storage. */
import * as z from "zod/mini";

const Visualizer = z.object({
  product: z.enum(["superset", "metabase"]),
  /** What the storage is called there: one deployment, one name. */
  name: z.string(),
  /** Without a slash at the end. */
  url: z.string(),
  /** "preset": user and password are a token's name and secret. */
  by: z.enum(["password", "preset"]),
  user: z.string(),
  /** The service account that signs for Identity-Aware Proxy, where that stands before it. */
  iap: z.optional(z.string()),
});

const Postgres = z.object({
  driver: z.literal("postgres"),
  host: z.string(),
  port: z.number(),
  database: z.string(),
  user: z.string(),
  password: z.string(),
  tls: z.object({ mode: z.enum(["verify-full", "verify-ca", "off"]) }),
});
const Snowflake = z.object({
  driver: z.literal("snowflake"),
  account: z.string(),
  user: z.string(),
  /** PKCS#8 PEM. */
  privateKey: z.string(),
  role: z.string(),
  warehouse: z.string(),
  database: z.string(),
  schema: z.string(),
});
const BigQuery = z.object({
  driver: z.literal("bigquery"),
  project: z.string(),
  views: z.string(),
  location: z.string(),
  /** The service account's key, as JSON text; without it the visualizer is a service account itself. */
  key: z.optional(z.string()),
});

const Reader = z.discriminatedUnion("driver", [Postgres, Snowflake, BigQuery]);
const Secrets = z.object({
  reader: z.optional(z.record(z.string(), z.string())),
  visualizer: z.object({ password: z.string() }),
});

export type Reader = z.output<typeof Reader>;
export type Target = z.output<typeof Visualizer> & { password: string; reader: Reader };

/**
 * The target as components/environment.ts writes it. Throws an error that names the variable, and never its content.
 * @param secrets the JSON of INTEGRAVIZ_SECRETS
 */
export function readTarget(env: Record<string, string | undefined>, secrets: string): Target {
  const { reader, visualizer } = parsed("INTEGRAVIZ_SECRETS", secrets, Secrets);
  const login = { ...parsed("INTEGRAVIZ_READER", env.INTEGRAVIZ_READER, z.looseObject({})), ...reader };
  return {
    ...parsed("INTEGRAVIZ_VISUALIZER", env.INTEGRAVIZ_VISUALIZER, Visualizer),
    ...visualizer,
    reader: checked("INTEGRAVIZ_READER", login, Reader),
  };
}

function parsed<S extends z.ZodMiniType>(variable: string, text: string | undefined, schema: S): z.output<S> {
  if (text === undefined) throw new Error(`${variable} is missing.`);
  try {
    return checked(variable, JSON.parse(text), schema);
  } catch (error) {
    if (error instanceof SyntaxError) throw new Error(`${variable} is not JSON.`);
    throw error;
  }
}

function checked<S extends z.ZodMiniType>(variable: string, value: unknown, schema: S): z.output<S> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const { path, code } = result.error.issues[0] as z.core.$ZodIssue;
  throw new Error(`${variable}: ${path.map(String).join(".") || "the value"} is not right (${code}).`);
}
