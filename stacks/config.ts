/**
 * Pulumi's configuration of the stack as settings. Read as text, so that no error of the SDK's
 * shows a value.
 */
import { Config, runtime } from "@pulumi/pulumi";
import { type Problem, refuse, settingKey } from "../components/checking/problem.ts";
import { settingsSchema } from "../components/checking/schema.ts";
import type { IntegravizArgs } from "../components/index.ts";

const NAMESPACE = "integraviz";
const KEYS = Object.keys(settingsSchema.shape);

/**
 * @throws RunError that names every key that cannot be read. The settings themselves are checked by
 * the component.
 */
export function readConfig(): IntegravizArgs {
  const problems = unknownKeys();
  const settings: Record<string, unknown> = {};
  for (const key of KEYS) {
    const text = new Config(NAMESPACE).get(key);
    if (text === undefined) continue;
    try {
      settings[key] = JSON.parse(text);
    } catch {
      problems.push({
        key: settingKey([key]),
        problem: "is one plain value, and has to be an object with settings in it",
        fixes: [
          `pulumi config rm ${settingKey([key])} && pulumi config set --path ${settingKey([key, "kind"])} <kind>`,
        ],
      });
    }
  }
  if (problems.length > 0) throw refuse(problems);
  return settings as unknown as IntegravizArgs;
}

function unknownKeys(): Problem[] {
  return Object.keys(runtime.allConfig())
    .filter((key) => key.startsWith(`${NAMESPACE}:`) && !KEYS.includes(key.slice(NAMESPACE.length + 1)))
    .map((key) => ({ key, problem: "is not a setting", allowed: KEYS, fixes: [`pulumi config rm ${key}`] }));
}
