import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startCluster } from "../embedded/cluster.ts";
import { openDataFolder, type Secrets } from "../embedded/data-folder.ts";

/** The PostgreSQL server that all test files share; each makes a database of its own in it. */
export interface SharedCluster {
  port: number;
  secrets: Secrets;
}

declare module "vitest" {
  export interface ProvidedContext {
    cluster: SharedCluster;
  }
}

/** Vitest's global set-up: one real server for the whole run, gone with all its files at the end. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), "integraviz-tests-"));
  const data = openDataFolder(folder);
  const cluster = await startCluster({ data });
  project.provide("cluster", { port: cluster.port, secrets: data.secrets });
  return async () => {
    await cluster.stop();
    await rm(folder, { recursive: true, force: true });
  };
}
