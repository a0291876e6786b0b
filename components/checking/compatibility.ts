/**
 * What cannot work together, decided from the implementations' own data, with a reason and the
 * changes that would mend it.
 */

import type { Limits } from "../../contract/limits.ts";
import { firstInvokeAuth, type Network } from "../link.ts";
import { type ComponentName, type Registries, registries } from "../registries.ts";
import type { Capabilities, Delivery, Provider } from "./capabilities.ts";
import { type Problem, settingKey } from "./problem.ts";

export interface Part<C> {
  kind: string;
  /** Where it runs; "self" where there is only one host. */
  host: string;
  capabilities: C;
}

export type Combination = { [C in keyof Capabilities]: Part<Capabilities[C]> } & { delivery: Delivery };

interface Rule {
  holds: (of: Combination) => boolean;
  /** The component that is named as the problem. */
  at: keyof Combination;
  reason: (of: Combination) => string;
}

const NETWORKS: Record<Network, string> = {
  internet: "the internet",
  docker: "the Docker network of one machine",
  "aws-vpc": "a private network (VPC) on AWS",
  "gcp-vpc": "a private network (VPC) on Google Cloud",
};

const rules: Rule[] = [
  {
    at: "api",
    holds: ({ api, rpc }) => api.capabilities.reaches.includes(rpc.capabilities.at),
    reason: ({ api, rpc }) =>
      `${rpc.kind} listens in ${NETWORKS[rpc.capabilities.at]}, where ${api.kind} has no way in`,
  },
  {
    at: "api",
    holds: ({ api, rpc }) => firstInvokeAuth(api.capabilities.speaks, rpc.capabilities.accepts) !== undefined,
    reason: ({ api, rpc }) =>
      `${api.kind} can identify itself by ${api.capabilities.speaks.join(" or ")}, and ${rpc.kind} takes only ${rpc.capabilities.accepts.join(" or ")}`,
  },
  {
    at: "rpc",
    holds: ({ rpc, delivery }) => rpc.capabilities.delivery.includes(delivery),
    reason: ({ rpc, delivery }) => `${rpc.kind} has no queue, so it can not deliver "${delivery}"`,
  },
  {
    at: "storage",
    holds: ({ rpc, storage }) => rpc.capabilities.reaches.includes(storage.capabilities.at),
    reason: ({ rpc, storage }) =>
      `${named(storage)} lies in ${NETWORKS[storage.capabilities.at]}, out of reach of ${rpc.kind}`,
  },
  {
    at: "visualizer",
    holds: ({ visualizer, storage }) => visualizer.capabilities.reaches.includes(storage.capabilities.at),
    reason: ({ visualizer, storage }) =>
      `${named(storage)} lies in ${NETWORKS[storage.capabilities.at]}, out of reach of ${named(visualizer)}`,
  },
  {
    at: "visualizer",
    holds: ({ visualizer, storage }) => !storage.capabilities.unread?.includes(visualizer.kind),
    reason: ({ visualizer, storage }) => `${visualizer.kind} has no driver for ${storage.kind}`,
  },
];

function named({ kind, host }: Part<unknown>): string {
  return host === "self" ? kind : `${kind} on ${host}`;
}

/** Why this combination cannot work; empty: it can. */
export function refusals(of: Combination, among: Registries = registries): Problem[] {
  const broken = rules.filter((rule) => !rule.holds(of));
  if (broken.length === 0) return [];
  const fixes = mends(of, among);
  return broken.map((rule, index) => {
    const last = index === broken.length - 1;
    const key = rule.at === "rpc" && !rule.holds(of) ? settingKey(["rpc", "delivery"]) : settingKey([rule.at, "kind"]);
    return { key, problem: rule.reason(of), fixes: last ? fixes : [] };
  });
}

export function isValid(of: Combination): boolean {
  return rules.every((rule) => rule.holds(of));
}

/** Every combination that the registries allow to be written down, the refused ones included. */
export function* everyCombination(): Generator<Combination> {
  for (const api of partsOf("api"))
    for (const rpc of partsOf("rpc"))
      for (const delivery of ["direct", "queued"] as const)
        for (const storage of partsOf("storage"))
          for (const visualizer of partsOf("visualizer"))
            yield { api, rpc, storage, visualizer, delivery } as Combination;
}

export function partsOf(component: ComponentName, among: Registries = registries): Part<unknown>[] {
  return Object.entries(among[component]).flatMap(([kind, { capabilities }]) =>
    Object.entries(capabilities).map(([host, of]) => ({ kind, host, capabilities: of })),
  );
}

/** The single changes that make it work, as commands. */
function mends(of: Combination, among: Registries): string[] {
  const changed: string[] = [];
  if (of.delivery === "queued" && isValid({ ...of, delivery: "direct" }))
    changed.push(`pulumi config set --path ${settingKey(["rpc", "delivery"])} direct`);
  for (const component of ["storage", "visualizer", "api", "rpc"] as const)
    for (const part of partsOf(component, among)) {
      const { kind, host } = part;
      if (!isValid({ ...of, [component]: part } as Combination)) continue;
      const commands = [
        ...(kind === of[component].kind ? [] : [`pulumi config set --path ${settingKey([component, "kind"])} ${kind}`]),
        ...(host === "self" ? [] : [`pulumi config set --path ${settingKey([component, kind, "host"])} ${host}`]),
      ];
      changed.push(commands.join(" && "));
    }
  return changed.length > 0
    ? changed
    : ["no single change mends it: begin from one of the stacks that ship, such as stacks/Pulumi.aws.yaml"];
}

/** What one request may carry on the whole way. */
export function limitsOf({ api, rpc }: Pick<Combination, "api" | "rpc">): Limits {
  const [a, b] = [api.capabilities.limits, rpc.capabilities.limits];
  return {
    bodyBytes: Math.min(a.bodyBytes, b.bodyBytes),
    seconds: Math.min(a.seconds, b.seconds),
    stream: a.stream === "live" && b.stream === "live" ? "live" : "poll",
  };
}

/** Providers that the chosen parts need configured. */
export function providersOf(of: Combination): Set<Provider> {
  const parts = [of.api, of.rpc, of.storage, of.visualizer];
  return new Set(parts.flatMap(({ capabilities }) => capabilities.providers));
}
