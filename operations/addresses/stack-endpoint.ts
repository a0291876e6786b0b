import { Mistake } from "../mistake.ts";
import { noPulumi, runPulumi } from "../pulumi.ts";
import type { IngestEndpoint } from "./endpoint.ts";

/** Reads `url` and `token` of a deployed stack through the Pulumi CLI. Rejects with a Mistake. */
export async function stackEndpoint(stack: string): Promise<IngestEndpoint> {
  return endpointIn(await stackOutputs(`--stack ${stack}`, stack, "give --url and --token"), stack);
}

/**
 * Reads a stack's outputs as JSON, secrets among them. Rejects with a Mistake.
 * @param source where the stack was named
 * @param instead what else to do where there is no Pulumi
 */
export async function stackOutputs(source: string, stack: string, instead: string): Promise<string> {
  const args = ["stack", "output", "--json", "--show-secrets", "--color", "never", "-s", stack];
  const { code, stdout, stderr } = await runPulumi(args, noPulumi(source, instead));
  if (code === 0) return stdout;
  const reason = stderr.trim().replace(/^error: /, "") || `pulumi ended with ${code}`;
  if (reason.includes("no stack named"))
    throw new Mistake(`${source}: ${reason}. pulumi stack ls names those that there are.`);
  throw new Mistake(
    `${source}: Pulumi cannot read its outputs: ${reason}\nLog in to the backend that holds it (pulumi login), with its passphrase or key at hand.`,
  );
}

/** @param outputs what `pulumi stack output --json --show-secrets` prints */
export function endpointIn(outputs: string, stack: string): IngestEndpoint {
  const { url, token } = JSON.parse(outputs) as Record<string, unknown>;
  for (const [name, value] of Object.entries({ url, token }))
    if (typeof value !== "string" || value === "")
      throw new Mistake(
        `--stack ${stack}: the stack has no output ${name}. Bring it up first (pulumi up -s ${stack}); a program of your own has to export ${name}.`,
      );
  return { url: url as string, token: token as string };
}
