import * as z from "zod/mini";
import type { SigningKey } from "../http/tokens.ts";

/** What a bundle is started with: the variables that `components/environment.ts` writes and describes. */
export type Variables = Record<string, string | undefined>;

/** The bundle was started wrongly: which variable, what is the matter with it, and never its content. */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
  constructor(variable: string, message: string) {
    super(`${variable} ${message} The component that starts this bundle sets it (components/environment.ts).`);
  }
}

const texts = z.record(z.string(), z.string());

/** Connections without their secrets, which depend on the driver. */
const Login = z.looseObject({ driver: z.string() });
export const Limits = z.object({ bodyBytes: z.int(), seconds: z.number(), stream: z.enum(["live", "poll"]) });
const Sqs = z.object({ kind: z.literal("sqs"), url: z.string(), region: z.string() });
const Pubsub = z.object({ kind: z.literal("pubsub"), project: z.string(), topic: z.string() });
const Roles = z.object({ writer: z.array(z.string()), reader: z.array(z.string()) });
const InvokeAuth = z.discriminatedUnion("auth", [
  z.object({
    auth: z.literal("sigv4"),
    url: z.string(),
    region: z.string(),
    roleArn: z.string(),
    audience: z.string(),
  }),
  z.object({ auth: z.literal("google-id"), url: z.string(), audience: z.string() }),
  z.object({ auth: z.literal("shared-key"), url: z.string() }),
  z.object({ auth: z.literal("none"), url: z.string() }),
]);
const Secrets = z.object({
  store: z.optional(texts),
  reader: z.optional(texts),
  tokenKeys: z.optional(z.array(z.looseObject({ kid: z.string(), kty: z.string(), alg: z.enum(["HS256", "EdDSA"]) }))),
  gatewayKeys: z.optional(texts),
  roles: z.optional(texts),
});

export type DriverLogin = z.output<typeof Login>;
export type Limits = z.output<typeof Limits>;
export type Roles = z.output<typeof Roles>;
export type InvokeAuth = z.output<typeof InvokeAuth>;
export type Secrets = Omit<z.output<typeof Secrets>, "tokenKeys"> & { tokenKeys?: SigningKey[] };

export const readLimits = (env: Variables): Limits => required(env, "INTEGRAVIZ_LIMITS", Limits);
export const readSqs = (env: Variables): z.output<typeof Sqs> => required(env, "INTEGRAVIZ_QUEUE", Sqs);
export const readPubsub = (env: Variables): z.output<typeof Pubsub> => required(env, "INTEGRAVIZ_QUEUE", Pubsub);
export const readRoles = (env: Variables): Roles | null => optional(env, "INTEGRAVIZ_ROLES", Roles);
export const readInvokeAuth = (env: Variables): InvokeAuth => required(env, "INTEGRAVIZ_DOOR", InvokeAuth);
export const readCors = (env: Variables): string[] => optional(env, "INTEGRAVIZ_CORS", z.array(z.string())) ?? [];
export const readPush = (env: Variables): { email: string } =>
  required(env, "INTEGRAVIZ_PUSH", z.object({ email: z.string() }));

/** A login with its secrets, to be checked by its driver. */
export function readLogin(
  env: Variables,
  variable: "INTEGRAVIZ_STORE" | "INTEGRAVIZ_READER",
  secrets: Secrets,
): DriverLogin {
  const own = variable === "INTEGRAVIZ_STORE" ? secrets.store : secrets.reader;
  return { ...required(env, variable, Login), ...own };
}

/** Where a platform keeps the secrets of what it runs. */
export type SecretsOf = (env: Variables) => Secrets | Promise<Secrets>;

/** From the variable that holds them. */
export function readSecrets(
  env: Variables,
  variable: "INTEGRAVIZ_SECRETS" | "INTEGRAVIZ_SECRETS_ARN" = "INTEGRAVIZ_SECRETS",
): Secrets {
  return required(env, variable, Secrets) as Secrets;
}

/** Checks a login by its driver's schema. */
export function loginOf<S extends z.ZodMiniType>(schema: S, login: DriverLogin, variable: string): z.output<S> {
  return checked(variable, schema, login);
}

function required<S extends z.ZodMiniType>(env: Variables, variable: string, schema: S): z.output<S> {
  const text = env[variable];
  if (text === undefined || text === "") throw new EnvironmentError(variable, "is missing.");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new EnvironmentError(variable, "is not JSON.");
  }
  return checked(variable, schema, value);
}

function optional<S extends z.ZodMiniType>(env: Variables, variable: string, schema: S): z.output<S> | null {
  return env[variable] === undefined || env[variable] === "" ? null : required(env, variable, schema);
}

function checked<S extends z.ZodMiniType>(variable: string, schema: S, value: unknown): z.output<S> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path.map(String).join(".") ?? "";
  const wrong = issue?.code === "invalid_type" ? `should be a ${issue.expected}.` : "is not what this bundle takes.";
  throw new EnvironmentError(path === "" ? variable : `${variable}, at ${path},`, wrong);
}
