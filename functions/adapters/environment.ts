import * as z from "zod/mini";
import { type Content, environment, type Secrets, type Variable } from "../../contract/environment.ts";

/** The environment of a process. */
export type Variables = Record<string, string | undefined>;

/**
 * The bundle was started wrongly: which variable, what is the matter with it, and never its
 * content.
 */
export class EnvironmentError extends Error {
  override readonly name = "EnvironmentError";
  constructor(variable: string, message: string) {
    super(`${variable} ${message} The component that starts this bundle sets it (contract/environment.ts).`);
  }
}

/** A login with its secrets, to be checked by its driver. */
export type DriverLogin = Content<"INTEGRAVIZ_STORE">;

/**
 * Reads a variable as contract/environment.ts describes it. Refuses one that is missing or not so.
 */
export function readVariable<V extends Variable>(env: Variables, variable: V): Content<V> {
  return parse(variable, environment[variable], env[variable]) as Content<V>;
}

/** Reads a variable that may be absent: null. */
export function readOptional<V extends Variable>(env: Variables, variable: V): Content<V> | null {
  return env[variable] ? readVariable(env, variable) : null;
}

/** Reads the queue, which has to be of this kind: its platform knows no other. */
export function readQueue<K extends Content<"INTEGRAVIZ_QUEUE">["kind"]>(env: Variables, kind: K) {
  const queue = readVariable(env, "INTEGRAVIZ_QUEUE");
  if (queue.kind === kind) return queue as Extract<typeof queue, { kind: K }>;
  throw new EnvironmentError("INTEGRAVIZ_QUEUE", `is of kind ${queue.kind}, and this platform has ${kind}.`);
}

/** Reads a login and puts its secrets with it. */
export function readLogin(
  env: Variables,
  variable: "INTEGRAVIZ_STORE" | "INTEGRAVIZ_READER",
  secrets: Secrets,
): DriverLogin {
  const own = variable === "INTEGRAVIZ_STORE" ? secrets.store : secrets.reader;
  return { ...readVariable(env, variable), ...own };
}

/** Where a platform keeps the secrets of what it runs. */
export type SecretsOf = (env: Variables) => Secrets | Promise<Secrets>;

/** Reads the secrets from the variable that holds them. */
export function readSecrets(env: Variables): Secrets {
  return readVariable(env, "INTEGRAVIZ_SECRETS");
}

/** Reads the secrets from JSON that came from elsewhere. @param source its name, for the error */
export function parseSecrets(source: string, text: string | undefined): Secrets {
  return parse(source, environment.INTEGRAVIZ_SECRETS, text);
}

/** Checks a value by its schema. @param source what holds it, for the error */
export function checked<S extends z.ZodMiniType>(source: string, schema: S, value: unknown): z.output<S> {
  const result = z.safeParse(schema, value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const path = issue?.path.map(String).join(".") ?? "";
  const wrong = issue?.code === "invalid_type" ? `should be a ${issue.expected}.` : "is not what this bundle takes.";
  throw new EnvironmentError(path === "" ? source : `${source}, at ${path},`, wrong);
}

function parse<S extends z.ZodMiniType>(source: string, schema: S, text: string | undefined): z.output<S> {
  if (text === undefined || text === "") throw new EnvironmentError(source, "is missing.");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new EnvironmentError(source, "is not JSON.");
  }
  return checked(source, schema, value);
}
