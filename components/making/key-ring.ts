import type { Output } from "@pulumi/pulumi";
import type { Children } from "./children.ts";
import { type Random, sdk } from "./sdk.ts";

export interface RingKey {
  /** "1", "2", ...: which rotation made it. */
  id: string;
  secret: Output<string>;
}

/**
 * The key of this rotation and of the one before, newest first: raise the number, let every caller
 * take up the new key, and nothing is down.
 */
export function keyRing<K extends string>(
  children: Children<Record<K, typeof Random.RandomPassword>>,
  key: K,
  rotation: number,
): RingKey[] {
  return [rotation, rotation - 1]
    .filter((n) => n > 0)
    .map((n) => ({
      id: String(n),
      secret: children.make(key, sdk.random().RandomPassword, { length: 48, special: false }, { each: String(n) })
        .result,
    }));
}
