import type { Input, Resource } from "@pulumi/pulumi";

/** The queue of delivery "queued", in any cloud. */
export interface Queue {
  /** How a function finds it. */
  env: Record<string, Input<string>>;
  /** What must stand before something is sent to it. */
  ready: Resource[];
}

/** Rings over the first dead letter. Where to count them is each cloud's own. */
export const deadLettersAlarm = {
  description: "Events could not be stored and are among the dead letters",
  above: 0,
  minutes: 5,
};
/** Rings over the age of the oldest event that waits, in seconds. */
export const queueAgeAlarm = {
  description: "Events have waited for more than five minutes to be stored",
  above: 300,
  minutes: 5,
};
