import * as z from "zod/mini";
import * as logins from "./logins/index.ts";

/** A storage that a bundle can be made for. */
export type StoreKind = keyof typeof logins;

const byKind: Readonly<Record<StoreKind, { schema: z.ZodMiniObject; secrets: readonly string[] }>> = { ...logins };
export const storeKinds = Object.keys(byKind) as StoreKind[];

/** How to log in to a storage, its secrets included. */
export type LoginTo<K extends StoreKind> = z.output<(typeof logins)[K]["schema"]>;
export type Login = { [K in StoreKind]: LoginTo<K> }[StoreKind];

/** The fields of a login that are secret, and travel apart from the others. */
export type SecretOf<K extends StoreKind> = (typeof logins)[K]["secrets"][number];

export const Login = z.discriminatedUnion(
  "driver",
  Object.values(byKind).map(({ schema }) => schema) as never,
) as unknown as z.ZodMiniType<Login>;

/**
 * Separates a login from its secrets. Their values may be anything, such as what a deployment
 * learns later.
 */
export function splitLogin<V>(login: Readonly<Record<string, V>> & { driver: V & StoreKind }): {
  plain: Record<string, V>;
  secrets: Record<string, V>;
} {
  const secret = byKind[login.driver].secrets;
  const entries = Object.entries(login);
  return {
    plain: Object.fromEntries(entries.filter(([name]) => !secret.includes(name))),
    secrets: Object.fromEntries(entries.filter(([name, value]) => secret.includes(name) && value !== undefined)),
  };
}
