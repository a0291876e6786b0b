import type { ComponentResource, ComponentResourceOptions } from "@pulumi/pulumi";
import type { z } from "zod";
import type { StoreKind } from "../contract/login.ts";
import type { Delivery } from "./checking/capabilities.ts";
import type { ChildClasses, Transform } from "./making/children.ts";
import type { Context } from "./making/context.ts";

/**
 * All that is known of one implementation of a component. Adding one is a file that exports this,
 * and a line in the registry.
 */
export interface Implementation<Schema extends z.ZodType, Capabilities, Args, Made extends ComponentResource> {
  /**
   * Its settings, strict. Parsed from `{}` where nothing is configured, unless something has no
   * default.
   */
  schema: Schema;
  /** By the host it runs on; "self" where it has only one. */
  capabilities: Readonly<Record<string, Capabilities>>;
  /** Which of the hosts these settings choose. */
  host: (settings: z.output<Schema>) => string;
  /** Bundles it deploys: checked before anything is made. */
  bundles?: (store: StoreKind, delivery: Delivery) => string[];
  /** SDKs of its own, which `lazySdk` gives: checked before anything is made. */
  sdks?: readonly (() => unknown)[];
  create(name: string, args: Args & CreateArgs<z.output<Schema>>, opts: ComponentResourceOptions): Made;
}

/** What `create` of every implementation is given, beside what its component asks for. */
export interface CreateArgs<Settings, Classes = ChildClasses> {
  context: Context;
  settings: Settings;
  /** Child key -> change. By the host where the children are others on each. */
  transform?: (Classes extends unknown ? Transform<Classes> : never) | undefined;
}

export type AnyImplementation<Capabilities, Args, Made extends ComponentResource> = Implementation<
  // biome-ignore lint/suspicious/noExplicitAny: a registry holds implementations of any settings
  any,
  Capabilities,
  Args,
  Made
>;
