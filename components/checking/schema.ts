/** The shape of the configuration, derived from the registries: four choices, and what all of them share. */
import { z } from "zod";
import { registries } from "../registries.ts";
import type { Delivery } from "./capabilities.ts";

type Registry = Record<string, { schema: z.ZodType }>;

/** `{kind, <kind>: {...}}`: settings of kinds that are not chosen may stay, so that a swap is one line. */
export type ChoiceInput<R extends Registry> = { kind: keyof R & string } & { [K in keyof R]?: z.input<R[K]["schema"]> };
export type Choice<R extends Registry> = { kind: keyof R & string } & { [K in keyof R]?: z.output<R[K]["schema"]> };

function choice<R extends Registry>(registry: R, extra: z.ZodRawShape = {}): z.ZodType<Choice<R>, ChoiceInput<R>> {
  const settings = Object.fromEntries(Object.entries(registry).map(([kind, { schema }]) => [kind, schema.optional()]));
  const object = z.strictObject({ kind: z.enum(Object.keys(registry)), ...extra, ...settings });
  // What is chosen and not configured has its defaults.
  const filled = z.preprocess((raw) => {
    const kind = (raw as { kind?: unknown } | undefined)?.kind;
    if (typeof kind !== "string" || !(kind in registry) || (raw as Record<string, unknown>)[kind] !== undefined)
      return raw;
    return { ...(raw as object), [kind]: {} };
  }, object);
  return filled as unknown as z.ZodType<Choice<R>, ChoiceInput<R>>;
}

const hosts = z.strictObject({
  aws: z
    .strictObject({
      /** By default aws:region, and never another: it is where the provider makes everything. */
      region: z.string().optional(),
      /** A VPC that is there already; its private subnets need a way out to the internet. */
      vpc: z.strictObject({ id: z.string(), privateSubnetIds: z.array(z.string()).min(2) }).optional(),
    })
    .prefault({}),
  gcp: z
    .strictObject({
      /** By default gcp:project and gcp:region. */
      project: z.string().optional(),
      region: z.string().optional(),
      /** A VPC network that is there already, peered with servicenetworking.googleapis.com. */
      network: z.strictObject({ network: z.string(), subnetwork: z.string() }).optional(),
    })
    .prefault({}),
  docker: z
    .strictObject({
      /** Address that published ports listen on: this machine only, unless you say otherwise. */
      address: z.ipv4().default("127.0.0.1"),
    })
    .prefault({}),
});

export const settingsSchema = z.strictObject({
  api: choice(registries.api),
  rpc: choice(registries.rpc, { delivery: z.enum(["direct", "queued"]).default("direct") }) as z.ZodType<
    Choice<typeof registries.rpc> & { delivery: Delivery },
    ChoiceInput<typeof registries.rpc> & { delivery?: Delivery }
  >,
  storage: choice(registries.storage),
  visualizer: choice(registries.visualizer),
  /** A storage that is kept beside the new one while its events are copied. */
  archive: choice(registries.storage).optional(),
  hosts: hosts.prefault({}),
  tags: z.record(z.string().max(63), z.string().max(63)).default({}),
  alerts: z.strictObject({ email: z.email().optional() }).prefault({}),
  /** A month's money in each cloud. On AWS the tag `stack` must be activated for cost allocation (Billing, Cost allocation tags), or nothing is counted. */
  budget: z
    .strictObject({
      monthlyUsd: z.int().min(1),
      email: z.email(),
      /** Google Cloud's budgets hang on a billing account: "012345-567890-ABCDEF". */
      billingAccount: z.string().optional(),
    })
    .optional(),
  /** Raise it to rotate the keys of tokens and gateways; the ones before stay valid until the next time. */
  rotation: z.int().min(1).default(1),
});

export type SettingsInput = z.input<typeof settingsSchema>;
export type Settings = z.output<typeof settingsSchema>;
