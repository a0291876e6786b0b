/**
 * Problems of a configuration, told so that each can be mended without looking anything up. Values
 * are never shown: one might be a secret in the wrong place.
 */
import { z } from "zod";
import { mistake } from "./mistake.ts";

export interface Problem {
  /** `integraviz:storage.kind` */
  key: string;
  problem: string;
  allowed?: string[];
  /** Commands, any one of which mends it. */
  fixes: string[];
}

export function refuse(problems: Problem[]): Error {
  const blocks = problems.map(({ key, problem, allowed, fixes }) =>
    [
      `${key}: ${problem}`,
      ...(allowed ? [`  allowed: ${allowed.join(", ")}`] : []),
      ...fixes.map((fix, index) => `  ${index === 0 ? "fix" : " or"}: ${fix}`),
    ].join("\n"),
  );
  return mistake(`This configuration cannot work, and nothing was changed.\n\n${blocks.join("\n\n")}\n`);
}

/** What zod found, as problems. `raw` tells what is missing from what is wrong. */
export function problemsOf(error: z.ZodError, schema: z.ZodType, raw: unknown, namespace = "integraviz"): Problem[] {
  return error.issues.flatMap((issue) => {
    const path = issue.path.map(String);
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((key) => unknownKey([...path, key], schema, namespace));
    const missing = valueAt(raw, path) === undefined;
    const kinds = missing && issue.code !== "invalid_value" ? shapeAt(schema, path)?.kind : undefined;
    if (kinds) {
      const allowed = (kinds as z.ZodEnum).options.map(String);
      return [
        {
          key: settingKey(path, namespace),
          problem: "is missing",
          allowed,
          fixes: [setLine([...path, "kind"], schema, namespace, allowed[0])],
        },
      ];
    }
    const allowed = issue.code === "invalid_value" ? issue.values.map(String) : undefined;
    return [
      {
        key: settingKey(path, namespace),
        problem: missing && issue.code !== "custom" ? "is missing" : explain(issue),
        ...(allowed ? { allowed } : {}),
        fixes: [setLine(path, schema, namespace, allowed?.[0], isReadAsNumber(issue, valueAt(raw, path)))],
      },
    ];
  });
}

export function settingKey(path: string[], namespace = "integraviz"): string {
  return `${namespace}:${path.join(".")}`;
}

function unknownKey(path: string[], schema: z.ZodType, namespace: string): Problem {
  const known = Object.keys(shapeAt(schema, path.slice(0, -1)) ?? {});
  return {
    key: settingKey(path, namespace),
    problem: "is not a setting",
    ...(known.length > 0 ? { allowed: known } : {}),
    fixes: [`pulumi config rm --path ${settingKey(path, namespace)}`],
  };
}

function explain(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case "invalid_value":
      return "is not one of the allowed values";
    case "invalid_type":
      return `must be ${article(issue.expected)}`;
    case "too_small":
      return issue.origin === "array" ? `needs at least ${issue.minimum} entries` : `must be at least ${issue.minimum}`;
    case "too_big":
      return `must be at most ${issue.maximum}`;
    case "invalid_union":
      return issue.message === "Invalid input" ? "is not one of the allowed values" : issue.message;
    case "invalid_format":
      return issue.message.startsWith("must ") ? issue.message : `must be ${article(issue.format)}`;
    default:
      return issue.message;
  }
}

function article(noun: string): string {
  return noun === "int" ? "a whole number" : `${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`;
}

/** Whether the value there is a secret, which is set with --secret and shown nowhere. */
export function isSecretAt(schema: z.ZodType, path: string[]): boolean {
  const leaf = schemaAt(schema, path);
  return leaf !== undefined && z.globalRegistry.get(leaf)?.secret === true;
}

function setLine(
  path: string[],
  schema: z.ZodType,
  namespace: string,
  example: string | undefined,
  asText = false,
): string {
  const secret = isSecretAt(schema, path);
  const value = secret ? "" : ` ${example ?? "<value>"}`;
  const flags = `${secret ? "--secret " : ""}${asText && !secret ? "--type string " : ""}`;
  return `pulumi config set ${flags}--path ${settingKey(path, namespace)}${value}`;
}

/** `pulumi config set` stores 12345 as a number and true as a flag, however often it is told. */
function isReadAsNumber(issue: z.core.$ZodIssue, value: unknown): boolean {
  const wantsText = issue.code === "invalid_type" && issue.expected === "string";
  return wantsText && (typeof value === "number" || typeof value === "boolean");
}

function valueAt(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>((at, key) => (at as Record<string, unknown> | null | undefined)?.[key], value);
}

type Def = { type: string; innerType?: z.ZodType; in?: z.ZodType; out?: z.ZodType; shape?: Record<string, z.ZodType> };

function bare(schema: z.ZodType): z.ZodType {
  const def = schema.def as unknown as Def;
  if (def.innerType) return bare(def.innerType);
  // A preprocess hides what it fills in.
  if (def.type === "pipe" && (def.in?.def as unknown as Def | undefined)?.type === "transform") return bare(def.out!);
  return schema;
}

function shapeAt(schema: z.ZodType, path: string[]): Record<string, z.ZodType> | undefined {
  const at = schemaAt(schema, path);
  return at && (bare(at).def as unknown as Def).shape;
}

function schemaAt(schema: z.ZodType, path: string[]): z.ZodType | undefined {
  let at: z.ZodType | undefined = bare(schema);
  for (const key of path) at = at && (bare(at).def as unknown as Def).shape?.[key];
  return at && (z.globalRegistry.get(at) ? at : bare(at));
}

declare module "zod" {
  interface GlobalMeta {
    /** The leaf is a secret: set it with --secret. */
    secret?: boolean;
    /** Of a setting's value, such as "MiB" or "s". */
    unit?: string;
    /** What a change of a setting does beyond an update in place. */
    change?: "replaces" | "restarts";
  }
}
