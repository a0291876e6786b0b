import { type Resource, runtime } from "@pulumi/pulumi";
import type { Children } from "../making/children.ts";
import { type Random, sdk } from "../making/sdk.ts";

export interface GuardClasses {
  guard: typeof Random.RandomId;
}

/**
 * Stops an update that would leave a storage behind, before anything else: everything waits for
 * this resource, which another storage would replace, and it is protected. The stores' own
 * protection comes last, when an update without a preview has made and deleted all the rest. A
 * preview leaves it as it is, so as to show what would change.
 * @param kept the storage whose events this deployment must not lose
 */
export function storageGuard(children: Children<GuardClasses>, kept: { kind: string; host: string }): Resource {
  return children.make(
    "guard",
    sdk.random().RandomId,
    { byteLength: 1, keepers: { storage: `${kept.kind} on ${kept.host}` } },
    { protect: true, ignoreChanges: runtime.isDryRun() ? ["keepers"] : [] },
  );
}
