import { createRequire } from "node:module";
import type * as Aws from "@pulumi/aws";
import type * as Docker from "@pulumi/docker";
import type * as Gcp from "@pulumi/gcp";
import type * as Random from "@pulumi/random";
import type * as Tls from "@pulumi/tls";
import { mistake } from "../checking/mistake.ts";
import { addNameRules, type NameRows } from "./name-rules.ts";

export type { Aws, Docker, Gcp, Random, Tls };

const require = createRequire(import.meta.url);

/**
 * Loads a provider's SDK when the first resource needs it: a stack without Google Cloud never pays
 * for its SDK, nor needs it installed. What it returns throws with the fix where it is not
 * installed.
 * @param name the package
 * @param rows how its resources may be named, by type, where `making/name-rules.ts` does not say so
 */
export function lazySdk<T>(name: string, rows: NameRows = {}): () => T {
  addNameRules(rows);
  let loaded: T | undefined;
  return () => {
    if (loaded) return loaded;
    try {
      loaded = require(name) as T;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
      const { peerDependencies } = require("integraviz/package.json") as { peerDependencies: Record<string, string> };
      const range = peerDependencies[name];
      const fix = `npm install ${range === undefined ? name : `"${name}@${range}"`}`;
      throw mistake(`This stack needs ${name}, which is not installed.\n  fix: ${fix}`);
    }
    return loaded;
  };
}

/**
 * The SDKs of providers that several implementations use; one that is a single implementation's is
 * its own.
 */
export const sdk = {
  aws: lazySdk<typeof Aws>("@pulumi/aws"),
  gcp: lazySdk<typeof Gcp>("@pulumi/gcp"),
  docker: lazySdk<typeof Docker>("@pulumi/docker"),
  random: lazySdk<typeof Random>("@pulumi/random"),
  tls: lazySdk<typeof Tls>("@pulumi/tls"),
};
