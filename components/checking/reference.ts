/**
 * Every setting of a stack, read off the schema that checks it: for docs/settings.md, and for
 * editors.
 */
import { z } from "zod";
import { settingsSchema } from "./schema.ts";

/** What a setting's `meta` says besides its description. */
interface SettingMeta {
  description?: string;
  /** Of its value, such as "MiB" or "s". */
  unit?: string;
  /**
   * What a change does beyond an update in place: resources are made anew, or what runs starts
   * again.
   */
  change?: "replaces" | "restarts";
  secret?: boolean;
}

type JsonSchema = z.core.JSONSchema.BaseSchema & SettingMeta;

export interface Setting extends SettingMeta {
  /** `integraviz:storage.postgres.aws.instanceClass`; a segment in quotes stands for any name. */
  key: string;
  /** What it takes, in words. */
  takes: string;
  /** As JSON; absent where it has none. */
  default?: string;
  required: boolean;
}

/** Lists the settings, groups before what they hold, in the order of the schema. */
export function listSettings(): Setting[] {
  return Object.entries(jsonSchema(settingsSchema).properties ?? {}).flatMap(([name, schema]) =>
    settingsIn(`integraviz:${name}`, schema as JsonSchema, isRequired(settingsSchema, name)),
  );
}

/**
 * Writes docs/settings.md: one table a component, of the data that checks a stack's configuration.
 */
export function settingsMarkdown(): string {
  const settings = listSettings();
  const sections = new Set(settings.map(({ key }) => sectionIn(key)));
  const tables = [...sections].map((section) => {
    const rows = settings.filter(
      ({ key, takes }) => sectionIn(key) === section && takes !== "settings" && !isTwin(key),
    );
    const lines = rows.map(({ key, takes, default: value, description, unit, change, required }) => {
      const what = [description, required ? "Required." : undefined].filter(Boolean).join(" ");
      const name = key.slice("integraviz:".length);
      return `| \`${name}\` | ${takes}${unit ? `, ${unit}` : ""} | ${value ?? ""} | ${what} | ${change ?? ""} |`;
    });
    return [
      `## ${section}`,
      "",
      "| setting | takes | default | | a change |",
      "| --- | --- | --- | --- | --- |",
      ...lines,
    ].join("\n");
  });
  return `${HEAD}\n${tables.join("\n\n")}\n`;
}

const sectionIn = (key: string) => /^integraviz:\w+/.exec(key)?.[0] ?? key;

/** An archive is set up as a storage is: its settings stand there. */
const isTwin = (key: string) => /^integraviz:archive\.(?!kind$)/.test(key);

const HEAD = `# Settings

Set one with \`pulumi config set --path integraviz:storage.kind postgres\` (add \`--type string\` where a text looks like a number, \`--secret\` for a secret), or write it into \`stacks/Pulumi.<stack>.yaml\`: an editor that knows YAML completes and checks it there, by \`stacks/stack.schema.json\`. Settings of kinds that are not chosen may stay, so that a swap is one line.

A change updates what there is, unless the last column says otherwise: "replaces" makes resources anew, "restarts" starts what runs again. Docker cannot change a container: there a restart is a new one in its place.
`;

/** Describes `Pulumi.<stack>.yaml` as a JSON Schema, for completion and checks in editors. */
export function stackFileSchema(): object {
  const { $schema, properties = {}, $defs } = jsonSchema(settingsSchema);
  const keys = Object.entries(properties).map(([name, schema]) => [`integraviz:${name}`, schema]);
  return {
    $schema,
    title: "Configuration of an Integraviz stack",
    type: "object",
    properties: { config: { type: "object", properties: Object.fromEntries(keys) } },
    ...($defs ? { $defs } : {}),
  };
}

function jsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const meta = (zodSchema as unknown as z.ZodType).meta() as SettingMeta | undefined;
      if (meta?.secret) {
        for (const key of Object.keys(jsonSchema)) delete jsonSchema[key as keyof typeof jsonSchema];
        Object.assign(jsonSchema, meta, { anyOf: [{ type: "string", minLength: 1 }, SECURE] });
      } else if (isChoice(zodSchema))
        Object.assign(jsonSchema, jsonSchemaOf(zodSchema._zod.def.out as z.ZodType), meta ?? {});
    },
  }) as JsonSchema;
}

/** What `pulumi config set --secret` writes. */
const SECURE = { type: "object", properties: { secure: { type: "string" } }, required: ["secure"] };

function jsonSchemaOf(schema: z.ZodType): object {
  const { $schema, ...rest } = jsonSchema(schema);
  return rest;
}

/**
 * Tells a schema that fills in what is missing before an object is read: the object is what it
 * takes.
 */
function isChoice(schema: z.core.$ZodType): schema is z.ZodPipe {
  return schema instanceof z.ZodPipe && schema._zod.def.in instanceof z.ZodTransform;
}

function settingsIn(key: string, schema: JsonSchema, required: boolean): Setting[] {
  const { description, unit, change, secret } = schema;
  const meta = Object.fromEntries(
    Object.entries({ description, unit, change, secret }).filter(([, value]) => value !== undefined),
  );
  const isGroup = schema.properties !== undefined && !secret;
  const setting: Setting = {
    key,
    takes: isGroup ? "settings" : wordsFor(schema),
    required,
    ...(schema.default === undefined || isGroup ? {} : { default: `\`${JSON.stringify(schema.default)}\`` }),
    ...meta,
  };
  const inside = Object.entries(isGroup ? (schema.properties ?? {}) : {}).flatMap(([name, each]) =>
    settingsIn(`${key}.${name}`, each as JsonSchema, schema.required?.includes(name) ?? false),
  );
  return [setting, ...inside];
}

function wordsFor(schema: JsonSchema): string {
  if (schema.secret) return "a secret text";
  if (schema.enum) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (schema.anyOf?.every((one) => (one as JsonSchema).const !== undefined))
    return schema.anyOf.map((one) => `\`${(one as JsonSchema).const}\``).join(", ");
  if (schema.anyOf) return wordsFor(schema.anyOf[0] as JsonSchema);
  if (schema.type === "array") return `a list of: ${wordsFor(schema.items as JsonSchema)}`;
  if (schema.type === "integer") return `a whole number${range(schema)}`;
  if (schema.type === "boolean") return "`true` or `false`";
  if (schema.type === "object") return "texts by name";
  return "text";
}

function range({ minimum, maximum }: JsonSchema): string {
  const most = maximum === undefined || maximum >= Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const least = minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? undefined : minimum;
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  return least === undefined ? "" : ` from ${least}`;
}

function isRequired(schema: z.ZodObject, name: string): boolean {
  const field = schema.shape[name] as z.ZodType;
  return !field.safeParse(undefined).success;
}
