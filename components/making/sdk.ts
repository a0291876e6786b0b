import { createRequire } from "node:module";
import type * as Aws from "@pulumi/aws";
import type * as Docker from "@pulumi/docker";
import type * as Gcp from "@pulumi/gcp";
import type * as Random from "@pulumi/random";
import type * as Snowflake from "@pulumi/snowflake";
import type * as Tls from "@pulumi/tls";
import { mistake } from "../checking/mistake.ts";

export type { Aws, Docker, Gcp, Random, Snowflake, Tls };

const require = createRequire(import.meta.url);

/**
 * Loads a provider's SDK when the first resource needs it: a stack without Google Cloud never pays
 * for its SDK, nor needs it installed.
 */
function lazy<T>(name: string): () => T {
  let loaded: T | undefined;
  return () => {
    if (loaded) return loaded;
    try {
      loaded = require(name) as T;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
      const { peerDependencies } = require("integraviz/package.json") as { peerDependencies: Record<string, string> };
      const fix = `npm install "${name}@${peerDependencies[name]}"`;
      throw mistake(`This stack needs ${name}, which is not installed.\n  fix: ${fix}`);
    }
    return loaded;
  };
}

/**
 * The providers' SDKs, each loaded when it is first asked for. Throws with the fix where one is not
 * installed.
 */
export const sdk = {
  aws: lazy<typeof Aws>("@pulumi/aws"),
  gcp: lazy<typeof Gcp>("@pulumi/gcp"),
  docker: lazy<typeof Docker>("@pulumi/docker"),
  snowflake: lazy<typeof Snowflake>("@pulumi/snowflake"),
  random: lazy<typeof Random>("@pulumi/random"),
  tls: lazy<typeof Tls>("@pulumi/tls"),
};
