import { execFile } from "node:child_process";
import { Mistake } from "../../commands/terminal/mistake.ts";
import type { Endpoint } from "../../trainer/client/endpoint.ts";

/** What a deployed stack says of itself: `url` and `token`, read through the Pulumi CLI. Rejects with a Mistake. */
export async function stackEndpoint(stack: string): Promise<Endpoint> {
  return endpointIn(await stackOutputs(`--stack ${stack}`, stack, "give --url and --token"), stack);
}

/**
 * The JSON of a stack's outputs, secrets among them. Rejects with a Mistake.
 * @param source where the stack was named @param instead what else to do where there is no Pulumi
 */
export function stackOutputs(source: string, stack: string, instead: string): Promise<string> {
  const args = ["stack", "output", "--json", "--show-secrets", "--non-interactive", "--color", "never", "-s", stack];
  return new Promise((resolve, reject) => {
    execFile("pulumi", args, { maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (error) reject(told(source, instead, error, stderr));
      else resolve(stdout);
    });
  });
}

function told(source: string, instead: string, error: Error & { code?: unknown }, stderr: string): Mistake {
  if (error.code === "ENOENT")
    return new Mistake(
      `${source}: there is no pulumi on the PATH to read the stack's outputs with. Install it (https://www.pulumi.com/docs/install), or ${instead}.`,
    );
  const said = stderr.trim().replace(/^error: /, "") || error.message;
  if (said.includes("no stack named"))
    return new Mistake(`${source}: ${said}. pulumi stack ls names those that there are.`);
  return new Mistake(
    `${source}: Pulumi cannot read its outputs: ${said}\nLog in to the backend that holds it (pulumi login), with its passphrase or key at hand.`,
  );
}

/** @param outputs what `pulumi stack output --json --show-secrets` prints */
export function endpointIn(outputs: string, stack: string): Endpoint {
  const { url, token } = JSON.parse(outputs) as Record<string, unknown>;
  for (const [name, value] of Object.entries({ url, token }))
    if (typeof value !== "string" || value === "")
      throw new Mistake(
        `--stack ${stack}: the stack has no output ${name}. Bring it up first (pulumi up -s ${stack}); a program of your own has to export ${name}.`,
      );
  return { url: url as string, token: token as string };
}
