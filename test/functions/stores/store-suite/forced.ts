import { sampleEvent } from "../../event/sample-event.ts";
import type { OpenedStore } from "./subject.ts";

/** One event at a place of its own, then two processes in step; gives the ids, in order. */
export async function forceTied(force: NonNullable<OpenedStore["force"]>, project: string): Promise<string[]> {
  const tied = (...ids: string[]) => ids.map((id) => sampleEvent({ project, id }));
  const steps = Array.from({ length: 9 }, (_, step) => tied(`${step} a`, `${step} b`));
  const groups = [tied("first"), ...steps];
  await force(groups);
  return groups.flatMap((events) => events.map(({ id }) => id)).toSorted();
}
