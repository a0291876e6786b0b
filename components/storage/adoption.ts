import type { z } from "zod";
import { type Problem, settingKey } from "../checking/problem.ts";
import type { HostSettings } from "../host/hosts.ts";
import type { postgresSchema } from "./postgres-settings.ts";

/**
 * A database that is there already lies in a network of the team's, which the functions must be in
 * as well.
 */
export function adoptionProblems(
  { host, aws, gcp }: z.output<typeof postgresSchema>,
  part: "storage" | "archive",
  hosts: HostSettings,
): Problem[] {
  const found: Problem[] = [];
  const missing = (key: string[], entries: string[]) =>
    found.push({
      key: settingKey(key),
      problem: `is missing: it says in which network the database of ${part} lies, and a new one has no way there`,
      fixes: [entries.map((entry) => `pulumi config set --path '${settingKey(key)}${entry}`).join(" && ")],
    });
  if (host === "aws" && aws.adopt) {
    if (!hosts.aws.vpc)
      missing(["hosts", "aws", "vpc"], [".id' VPC", ".privateSubnetIds[0]' SUBNET", ".privateSubnetIds[1]' SUBNET"]);
    const proxy = settingKey([part, "postgres", "aws", "proxy"]);
    if (aws.proxy)
      found.push({
        key: proxy,
        problem: "is made before a database of this stack only: an adopted one's own proxy can be its address",
        fixes: [`pulumi config set --path ${proxy} false`],
      });
  }
  if (host === "gcp" && gcp.adopt && !hosts.gcp.network)
    missing(["hosts", "gcp", "network"], [".network' NETWORK", ".subnetwork' SUBNETWORK"]);
  return found;
}
