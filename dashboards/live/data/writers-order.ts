import type { StreamedEvent } from "../../../functions/stores/store.ts";

/** The highest seq that was heard of each thing: a param, a metric, the state of a run. */
export type Newest = Map<string, bigint>;

/**
 * Whether an event has the last word on a thing: "latest" is the highest seq, in whatever order
 * events arrive; of two with one seq the one that came later. What was read and not streamed has no
 * seq, and counts as older.
 */
export function isNewest(newest: Newest, thing: string, { seq }: Pick<StreamedEvent, "seq">): boolean {
  const mine = seqOf({ seq });
  const known = newest.get(thing);
  if (known !== undefined && known > mine) return false;
  newest.set(thing, mine);
  return true;
}

/** A writer's counter as a number of any size. */
export const seqOf = ({ seq }: Pick<StreamedEvent, "seq">): bigint => BigInt(typeof seq === "number" ? seq : seq.$num);
