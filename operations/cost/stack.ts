/**
 * Reads what a stack's file says, without the CLI: nothing in it is secret to what a stack costs.
 */
import { existsSync, readFileSync } from "node:fs";
import { load } from "js-yaml";
import type { IntegravizArgs } from "../../components/index.ts";
import { Mistake } from "../mistake.ts";

export interface StackFile {
  settings: IntegravizArgs;
  /** The providers' own configuration. */
  config: Record<string, string>;
}

/** Stands for what the file does not say: a project, or a secret. */
const ELSEWHERE: Record<string, string> = {
  "aws:region": "eu-central-1",
  "gcp:project": "project",
  "gcp:region": "europe-west3",
  "snowflake:organizationName": "ORGANIZATION",
  "snowflake:accountName": "ACCOUNT",
};

/** What a host needs that a stack's file may leave to whoever sets it up. */
const PRESET = { url: "https://workspace.app.preset.io", tokenName: "token", tokenSecret: "secret" };

const SETTING = "integraviz:";

/** @throws Mistake where there is no such stack */
export function readStack(name: string, folders = ["stacks", "."]): StackFile {
  const paths = folders.map((folder) => `${folder}/Pulumi.${name}.yaml`);
  const path = paths.find(existsSync);
  if (path === undefined) throw new Mistake(`--stack ${name}: there is no ${paths.join(" and no ")}.`);
  const { config } = (load(readFileSync(path, "utf8"), { filename: path }) ?? {}) as {
    config?: Record<string, unknown> | null;
  };
  const settings: Record<string, unknown> = {};
  const others: Record<string, string> = { ...ELSEWHERE };
  for (const [key, value] of Object.entries(config ?? {}))
    if (key.startsWith(SETTING)) settings[key.slice(SETTING.length)] = withoutSecrets(value);
    else others[key] = String(withoutSecrets(value));
  const superset = (settings.visualizer as { superset?: Record<string, unknown> } | undefined)?.superset;
  if (superset?.host === "preset") superset.preset ??= PRESET;
  return { settings: settings as unknown as IntegravizArgs, config: others };
}

/** `{secure: ...}` is a secret, encrypted. */
function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  if (entries.length === 1 && entries[0]?.[0] === "secure") return "secret";
  return Object.fromEntries(entries.map(([key, entry]) => [key, withoutSecrets(entry)]));
}
