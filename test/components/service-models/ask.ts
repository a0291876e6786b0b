/**
 * Asks AWS' and Google's own descriptions of their APIs, as botocore and google-api-python-client ship them, what they
 * would refuse of what a deployment makes. What stands in prose alone is in cloud-rules.ts.
 */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { PYTHON } from "../../stand-ins/python-server.ts";
import { type Made, Secret } from "../deploy.ts";

const CHECK = fileURLToPath(new URL("check.py", import.meta.url));

/** The resource, the field and what is wrong with it, a line each; the resources of other vendors are left out. */
export function refusedByModels(made: Made[]): string[] {
  const asked = made.filter(({ type }) => /^(aws|gcp):/.test(type));
  const plain = (_: string, value: unknown) => (value instanceof Secret ? value.value : value);
  const answer = execFileSync(PYTHON, [CHECK], {
    input: JSON.stringify(asked, plain),
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  return JSON.parse(answer) as string[];
}
