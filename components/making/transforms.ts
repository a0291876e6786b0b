import type { Registries, registries } from "../registries.ts";

/**
 * Changes to single resources, by component, kind and child key. Those of kinds that are not chosen
 * do nothing.
 */
export type Transforms = {
  [Component in keyof Registries]?: { [Kind in keyof Of<Component>]?: TransformOf<Of<Component>[Kind]> };
};

type Of<Component extends keyof Registries> = (typeof registries)[Component];

/** As the implementation's own `create` takes it. */
type TransformOf<Implementation> = Implementation extends {
  create: (name: string, args: infer Args, ...rest: never[]) => unknown;
}
  ? Args extends { transform?: infer Changes }
    ? NonNullable<Changes>
    : never
  : never;
