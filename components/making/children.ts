/**
 * How every child of every component is made: named, tagged, transformed, parented and kept in
 * `nodes`, in one place.
 */
import { type ComponentResource, type CustomResource, type CustomResourceOptions, mergeOptions } from "@pulumi/pulumi";
import { mistake } from "../checking/mistake.ts";
import { nameRule, physicalName, withTags } from "./naming.ts";
import type { Scope } from "./scope.ts";

export type ResourceClass = new (name: string, args: never, opts?: CustomResourceOptions) => CustomResource;

/** Child key -> resource class. The type of an implementation's `nodes` and `transform`. */
export type ChildClasses = Record<string, ResourceClass>;

export type ArgsOf<R> = R extends new (
  name: string,
  args: infer A,
  opts?: CustomResourceOptions,
) => CustomResource
  ? NonNullable<A>
  : never;

/** Arguments whose physical name may be left to the naming rules. */
export type Unnamed<A> = Omit<A, NameField> & Partial<Pick<A, NameField & keyof A>>;

type NameField =
  | "name"
  | "family"
  | "displayName"
  | "accountId"
  | "datasetId"
  | "secretId"
  | "workloadIdentityPoolId"
  | "workloadIdentityPoolProviderId";

/**
 * Either arguments to lay over ours, or a function that changes both in place. The escape hatch:
 * outside the contract.
 */
export type ChildTransform<A> = Partial<A> | ((args: A, opts: CustomResourceOptions, name: string) => void);

/** Changes to the children of an implementation, by child key. */
export type Transform<C> = { [K in keyof C]?: ChildTransform<ArgsOf<C[K]>> };

/** `nodes.role`, or `nodes["route:get-runs"]` where a key has several children. */
export type Nodes<C> = { readonly [K in keyof C & string as K | `${K}:${string}`]?: InstanceOf<C[K]> };

type InstanceOf<R> = R extends new (...args: never[]) => infer I ? I : never;

export interface ChildOptions extends CustomResourceOptions {
  /** Tells several children of one key apart. */
  each?: string;
  /** The physical name, where the deterministic one will not do. */
  named?: string;
  /**
   * Inputs whose change replaces the resource: their hash goes into the name, so that old and new
   * can live side by side.
   */
  immutable?: unknown;
}

/** Makes the children of one component: named, tagged, parented and kept in `nodes`. */
export class Children<C> {
  readonly nodes: Nodes<C> = {};
  readonly owner: ComponentResource;
  readonly scope: Scope;
  /** `<component>-<kind>`: the stem of logical and physical names. */
  readonly stem: string;
  readonly #transform: Record<string, ChildTransform<unknown>>;

  constructor(owner: ComponentResource, scope: Scope, stem: string, transform: Transform<C> = {}) {
    this.owner = owner;
    this.scope = scope;
    this.stem = stem;
    this.#transform = transform as Record<string, ChildTransform<unknown>>;
  }

  /** The same children under another set of keys, for a host that makes some of them. */
  as<D>(): Children<D> {
    return this as unknown as Children<D>;
  }

  make<R extends ResourceClass>(
    key: keyof C & string,
    Class: R,
    args: Unnamed<ArgsOf<R>>,
    options: ChildOptions = {},
  ): InstanceOf<R> {
    const { each, named, immutable, ...opts } = options;
    const type = (Class as unknown as { __pulumiType: string }).__pulumiType;
    const rule = nameRule(type);
    const suffix = each === undefined ? key : `${key}-${each}`;
    const logical = `${this.stem}-${kebab(suffix)}`;

    const full: Record<string, unknown> = withTags({ ...(args as Record<string, unknown>) }, rule, this.scope.tags);
    if (rule.field !== null && full[rule.field] === undefined)
      full[rule.field] = named ?? physicalName(type, [this.scope.prefix, this.stem, kebab(suffix)], immutable);

    const { guard } = this.scope;
    const shared: CustomResourceOptions = { parent: this.owner, ...(guard ? { dependsOn: guard } : {}) };
    const merged = mergeOptions(shared, opts);
    const change = this.#transform[key];
    if (typeof change === "function") change(full, merged, logical);
    else if (change) Object.assign(full, change);

    const slot = each === undefined ? key : `${key}:${each}`;
    const nodes = this.nodes as Record<string, CustomResource>;
    if (nodes[slot]) throw mistake(`${logical} is made twice: give the second one another "each"`);
    const made = new Class(logical, full as never, merged);
    nodes[slot] = made;
    return made as InstanceOf<R>;
  }
}

function kebab(text: string): string {
  return text.replace(/([a-z0-9])([A-Z])/g, "$1-$2").toLowerCase();
}
