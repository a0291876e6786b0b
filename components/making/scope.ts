import type { Input, Resource } from "@pulumi/pulumi";

/** What every resource of one deployment shares. */
export interface Scope {
  /** `<project>-<stack>`: the start of every physical name. */
  prefix: string;
  /** On everything that can carry tags or labels. */
  tags: Record<string, string>;
  /** Folder of the functions' bundles. */
  bundles: string;
  /** Who is told of alarms; none: alarms stand in the console only. */
  alerts: { email?: Input<string> | undefined };
  /** What every other child is made after. */
  guard?: Resource;
}
