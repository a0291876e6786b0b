/**
 * The shape of the configuration, derived from the registries: four choices, and what all of them
 * share.
 */
import { z } from "zod";
import { type ComponentName, type OwnImplementations, type Registries, registries, withOwn } from "../registries.ts";
import type { Delivery } from "./capabilities.ts";
import { inputText, inputTexts } from "./settings.ts";

type Registry = Record<string, { schema: z.ZodType }>;

/**
 * `{kind, <kind>: {...}}`: settings of kinds that are not chosen may stay, so that a swap is one
 * line.
 */
export type ChoiceInput<R extends Registry> = { kind: keyof R & string } & { [K in keyof R]?: z.input<R[K]["schema"]> };
export type Choice<R extends Registry> = { kind: keyof R & string } & { [K in keyof R]?: z.output<R[K]["schema"]> };

function choice<R extends Registry>(
  registry: R,
  /** What the choice decides. */
  description: string,
  extra: z.ZodRawShape = {},
): z.ZodType<Choice<R>, ChoiceInput<R>> {
  const settings = Object.fromEntries(
    Object.entries(registry).map(([kind, { schema }]) => [
      kind,
      schema.optional().meta({ description: `Settings of kind ${kind}.` }),
    ]),
  );
  const kind = z.enum(Object.keys(registry)).meta({ description, change: "replaces" });
  const object = z.strictObject({ kind, ...extra, ...settings });
  // What is chosen and not configured has its defaults.
  const filled = z.preprocess((raw) => {
    const kind = (raw as { kind?: unknown } | undefined)?.kind;
    if (typeof kind !== "string" || !(kind in registry) || (raw as Record<string, unknown>)[kind] !== undefined)
      return raw;
    return { ...(raw as object), [kind]: {} };
  }, object);
  return filled.meta({ description }) as unknown as z.ZodType<Choice<R>, ChoiceInput<R>>;
}

const hosts = z.strictObject({
  aws: z
    .strictObject({
      region: z.string().optional().meta({
        description:
          "The region. By default aws:region, and never another: it is where the provider makes everything, and a change of that one makes all of it anew.",
      }),
      vpc: z
        .strictObject({
          id: inputText.meta({ description: "The id of the VPC.", change: "replaces" }),
          privateSubnetIds: inputTexts.meta({
            description:
              "Ids of its private subnets, in two zones at least; they need a way out to the internet. What a change replaces is the proxy of the database, where there is one.",
            change: "replaces",
          }),
        })
        .optional()
        .meta({ description: "A VPC that is there already, in place of a new one." }),
    })
    .prefault({})
    .meta({ description: "Where on AWS things are made." }),
  gcp: z
    .strictObject({
      project: z.string().optional().meta({ description: "The project. By default gcp:project.", change: "replaces" }),
      region: z.string().optional().meta({ description: "The region. By default gcp:region.", change: "replaces" }),
      network: z
        .strictObject({
          network: inputText.meta({ description: "The name of the network.", change: "restarts" }),
          subnetwork: inputText.meta({ description: "The name of a subnetwork in the region.", change: "restarts" }),
        })
        .optional()
        .meta({ description: "A VPC network that is there already, peered with servicenetworking.googleapis.com." }),
    })
    .prefault({})
    .meta({ description: "Where on Google Cloud things are made." }),
  docker: z
    .strictObject({
      address: z.ipv4().default("127.0.0.1").meta({
        description: "The address that published ports listen on: this machine only, unless you say otherwise.",
        change: "replaces",
      }),
    })
    .prefault({})
    .meta({ description: "How Docker publishes ports." }),
});

/** Checks the settings of a deployment against the implementations there are. */
function schemaOf<R extends Registries>(registries: R) {
  return z.strictObject({
    api: choice(registries.api, "What takes requests from outside."),
    rpc: choice(registries.rpc, "What runs the handler.", {
      delivery: z.enum(["direct", "queued"]).default("direct").meta({
        description:
          "direct stores before it answers; queued answers first, and keeps events in a queue while the database is away.",
      }),
    }) as z.ZodType<Choice<R["rpc"]> & { delivery: Delivery }, ChoiceInput<R["rpc"]> & { delivery?: Delivery }>,
    storage: choice(registries.storage, "The database that keeps events."),
    visualizer: choice(registries.visualizer, "What shows dashboards over the database."),
    archive: choice(registries.storage, "A storage that is kept beside the new one while its events are copied.")
      .optional()
      .meta({ description: "A storage that is kept beside the new one while its events are copied." }),
    hosts: hosts.prefault({}).meta({ description: "What is known of the clouds and the machine, whatever is chosen." }),
    tags: z
      .record(z.string().max(63), z.string().max(63))
      .default({})
      .meta({ description: "Tags, and labels on Google Cloud, of everything that is made." }),
    alerts: z
      .strictObject({
        email: z
          .email()
          .optional()
          .meta({ description: "Who is told when events wait too long or could not be stored. Unset: nobody." }),
      })
      .prefault({})
      .meta({ description: "Who is told of what goes wrong." }),
    budget: z
      .strictObject({
        monthlyUsd: z.int().min(1).meta({
          description:
            "A month's money in each cloud: in USD on AWS, on Google Cloud in the currency of the billing account.",
        }),
        email: z.email().meta({ description: "Who is told when it is nearly used up." }),
        billingAccount: z.string().optional().meta({
          description:
            "The billing account that Google Cloud's budgets hang on, 012345-567890-ABCDEF. Required on Google Cloud.",
          change: "replaces",
        }),
      })
      .optional()
      .meta({
        description:
          "A budget with a message. On AWS the tag stack must be activated for cost allocation (Billing, Cost allocation tags), or nothing is counted.",
      }),
    rotation: z.int().min(1).default(1).meta({
      description:
        "Raise it to rotate the keys of tokens and gateways; the ones before stay valid until the next time.",
      change: "restarts",
    }),
  });
}

/** The settings that the implementations of the package take. */
export const settingsSchema = schemaOf(registries);

/** The same, with those of a program's own. */
export function settingsSchemaWith(own: OwnImplementations): typeof settingsSchema {
  return schemaOf(withOwn(own)) as unknown as typeof settingsSchema;
}

/** The settings of a deployment as they are given: four choices, and what all of them share. */
export type SettingsInput<Own extends OwnImplementations = Record<never, never>> = Omit<
  z.input<typeof settingsSchema>,
  ComponentName
> & {
  api: ChoiceInput<typeof registries.api & OwnOf<Own, "api">>;
  rpc: ChoiceInput<typeof registries.rpc & OwnOf<Own, "rpc">> & { delivery?: Delivery };
  storage: ChoiceInput<typeof registries.storage & OwnOf<Own, "storage">>;
  visualizer: ChoiceInput<typeof registries.visualizer & OwnOf<Own, "visualizer">>;
};

type OwnOf<Own, C extends ComponentName> =
  Own extends Record<C, infer Kinds extends Registry> ? Kinds : Record<never, never>;

/** The same as the schema reads it, whatever kinds there are. */
export type RawSettings = z.input<typeof settingsSchema>;

/** The same, checked and with every default filled in. */
export type Settings = z.output<typeof settingsSchema>;
