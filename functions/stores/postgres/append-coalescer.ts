import type { Event } from "../../event/event.ts";
import { Coalescer } from "../coalescer.ts";
import { ROOM, weightOf } from "../request-size.ts";
import type { Appended } from "../store.ts";
import { appendTogether } from "./append.ts";
import type { Sealer } from "./chunks/sealer.ts";
import { isOfRow, retrying } from "./connection.ts";
import type { watchDisk } from "./disk.ts";
import type { Pools } from "./pools.ts";
import type { Reader } from "./reader.ts";

// Three statements of at most a thousand events keep the database busy while the next requests are
// read. Another one starts beside those under way only when enough waits: what is fixed in a
// statement costs as much as 20 to 40 events.
export const APPENDS_UNDER_WAY = 3;
// Somebody waits for what is read, and tails that grow make reading slow; a training process waits
// for nothing.
const APPENDS_BESIDE_OTHERS = 1;
const EVENTS_A_STATEMENT = 1_000;
const EVENTS_WORTH_A_STATEMENT = 100;
export const APPEND_DEADLINE_MS = 10_000;

/** Has events of several requests stored by one statement. */
export function createCoalescer(
  { appends }: Pools,
  reader: Reader,
  sealer: Sealer,
  disk: ReturnType<typeof watchDisk>,
) {
  return new Coalescer<readonly Event[], Appended>({
    underWay: () => (reader.isReading() || sealer.isBehind() ? APPENDS_BESIDE_OTHERS : APPENDS_UNDER_WAY),
    enough: EVENTS_WORTH_A_STATEMENT,
    weight: EVENTS_A_STATEMENT,
    room: ROOM,
    weigh: weightOf,
    deadlineMs: APPEND_DEADLINE_MS,
    run: (requests, withinMs) =>
      disk.append(retrying(() => appendTogether(appends, requests), { deadlineMs: withinMs })),
    alone: isOfRow,
  });
}
