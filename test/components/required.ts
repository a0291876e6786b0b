import { createRequire } from "node:module";
import { type Made, Secret } from "./deploy.ts";

const require = createRequire(import.meta.url);
const SDKS = ["aws", "gcp", "snowflake", "docker", "random", "tls"];
const known = new Map<string, string[]>();

/**
 * The inputs a resource type requires, as its SDK's constructor checks them. That check sees whether an argument was given;
 * here it is known what became of it.
 */
export function requiredInputs(type: string): string[] {
  const cached = known.get(type);
  if (cached) return cached;
  const [provider = "", module = "", name = ""] = type.split(":");
  if (!SDKS.includes(provider)) return [];
  const namespace = module.split("/")[0] ?? "";
  const root = require(`@pulumi/${provider}`) as Record<string, Record<string, unknown>>;
  const Class = (namespace === "index" ? root : root[namespace])?.[name];
  if (Class === undefined) throw new Error(`${type} is not in the SDK`);
  const required = [...String(Class).matchAll(/args\??\.(\w+) === undefined\)? && !opts\.urn/g)].map(
    ([, key]) => key as string,
  );
  known.set(type, required);
  return required;
}

export function missingInputs({ type, name, inputs }: Made): string[] {
  return requiredInputs(type)
    .filter((key) => {
      const value = inputs[key] instanceof Secret ? (inputs[key] as Secret).value : inputs[key];
      return value === undefined || value === null || value === "";
    })
    .map((key) => `${name}: ${key} is required`);
}
