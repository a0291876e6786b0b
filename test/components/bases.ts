/** Three deployments that tests change one thing of, and what they ask of the outcome. */
import { expect } from "vitest";
import type { IntegravizArgs } from "../../components/index.ts";
import { deploy, type Made } from "./deploy.ts";
import { broken } from "./rules.ts";
import { BUNDLES } from "./settings.ts";

export const aws: IntegravizArgs = {
  api: { kind: "api-gateway" },
  rpc: { kind: "lambda", delivery: "queued" },
  storage: { kind: "postgres", postgres: { host: "aws" } },
  visualizer: { kind: "metabase", metabase: { host: "aws" } },
  bundles: BUNDLES,
};
export const gcp: IntegravizArgs = {
  api: { kind: "cloud-run" },
  rpc: { kind: "cloud-functions", delivery: "queued" },
  storage: { kind: "postgres", postgres: { host: "gcp" } },
  visualizer: { kind: "superset", superset: { host: "gcp" } },
  bundles: BUNDLES,
};
export const paper: IntegravizArgs = {
  ...aws,
  storage: { kind: "snowflake" },
  visualizer: { kind: "superset", superset: { host: "aws" } },
};

/** Deploys, with all rules checked and the same URNs in a preview. */
export async function sound(args: IntegravizArgs): Promise<Made[]> {
  const up = await deploy(args);
  expect((await deploy(args, { preview: true })).urns).toEqual(up.urns);
  expect(broken(up.made)).toEqual([]);
  return up.made;
}

export function named(made: Made[], name: string): Made {
  const found = made.find((one) => one.name === name);
  if (!found) throw new Error(`${name} was not made; there are ${made.map((one) => one.name).join(" ")}`);
  return found;
}

export function variablesOf({ inputs }: Made): Record<string, string> {
  return (inputs.environment as { variables: Record<string, string> }).variables;
}

export function ofType(made: Made[], type: string): Made[] {
  return made.filter((one) => one.type === type);
}
