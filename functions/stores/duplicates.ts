import { isDeepStrictEqual } from "node:util";
import type { Event } from "../event/event.ts";

/** Names an event in one text. */
export const eventKey = ({ project, id }: Pick<Event, "project" | "id">): string => `${project}\n${id}`;

export interface Distinct {
  /** Each identity once, in the order of arrival. */
  events: Event[];
  /** Which request each of them came with. */
  owners: number[];
  /** Further events of an identity that is among them. */
  repeats: { event: Event; first: Event; request: number }[];
}

/** Parts events that come for the first time from those that come again: project and id say it. */
export function distinct(requests: (readonly Event[])[]): Distinct {
  const found: Distinct = { events: [], owners: [], repeats: [] };
  const firsts = new Map<string, Event>();
  requests.forEach((events, request) => {
    for (const event of events) {
      const key = eventKey(event);
      const first = firsts.get(key);
      if (first !== undefined) {
        found.repeats.push({ event, first, request });
        continue;
      }
      firsts.set(key, event);
      found.events.push(event);
      found.owners.push(request);
    }
  });
  return found;
}

/**
 * Whether two events of one identity say the same. What a client left to the server does not tell
 * them apart.
 */
export function sameBody(a: Event, b: Event): boolean {
  return (
    a.run === b.run &&
    a.writer === b.writer &&
    a.kind === b.kind &&
    a.actor === b.actor &&
    a.epoch === b.epoch &&
    a.step === b.step &&
    a.batch === b.batch &&
    (a.seq ?? b.seq) === (b.seq ?? a.seq) &&
    (a.createdAt ?? b.createdAt) === (b.createdAt ?? a.createdAt) &&
    sameJson(a.logs, b.logs)
  );
}

/** The order of keys says nothing, to jsonb as well. */
function sameJson(a: string | null, b: string | null): boolean {
  return a === b || (a !== null && b !== null && isDeepStrictEqual(JSON.parse(a), JSON.parse(b)));
}
