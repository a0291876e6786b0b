/**
 * What `pulumi preview --json` says, as what it means: which resources stay, change, come and go,
 * and what data is at risk.
 */

export interface Preview {
  steps?: Step[];
  diagnostics?: { severity?: string; message?: string }[];
}

interface Step {
  op: string;
  urn: string;
  oldState?: { protect?: boolean; retainOnDelete?: boolean };
}

export interface BlastRadius {
  /** Left as they are. */
  kept: string[];
  updated: string[];
  replaced: string[];
  deleted: string[];
  created: string[];
  /** Protected resources that would be deleted or replaced: stores, and what opens them. */
  atRisk: string[];
  /** Why the preview failed, if it did. */
  failed: string | undefined;
}

const KINDS: Record<string, "kept" | "updated" | "replaced" | "deleted" | "created"> = {
  same: "kept",
  update: "updated",
  replace: "replaced",
  "create-replacement": "replaced",
  "delete-replaced": "replaced",
  delete: "deleted",
  create: "created",
};

export function blastRadius({ steps = [], diagnostics = [] }: Preview): BlastRadius {
  const groups = {
    kept: new Set<string>(),
    updated: new Set<string>(),
    replaced: new Set<string>(),
    deleted: new Set<string>(),
    created: new Set<string>(),
  };
  const atRisk = new Set<string>();
  for (const { op, urn, oldState } of steps) {
    const kind = KINDS[op];
    if (!kind) continue;
    groups[kind].add(urn);
    if (oldState?.protect && (kind === "replaced" || kind === "deleted")) atRisk.add(urn);
  }
  const errors = diagnostics.filter(({ severity }) => severity === "error").map(({ message = "" }) => message.trim());
  const own = errors.filter(
    (message) => !message.includes("because it is protected") && !/^(error: )?preview failed$/.test(message),
  );
  return {
    kept: [...groups.kept].sort(),
    updated: [...groups.updated].sort(),
    replaced: [...groups.replaced].sort(),
    deleted: [...groups.deleted].sort(),
    created: [...groups.created].sort(),
    atRisk: [...atRisk].sort(),
    failed: own.length > 0 ? own.join("\n") : undefined,
  };
}

/** @param verbose lists what stays as it is, too. */
export function report(radius: BlastRadius, settings: [path: string, value: string][], verbose = false): string {
  const lines = settings.map(([path, value]) => `integraviz:${path} = ${value}`);
  if (radius.failed) return [...lines, "", radius.failed].join("\n");
  const list = (sign: string, what: string, urns: string[]) =>
    urns.length === 0 ? [] : ["", `${what}: ${urns.length}`, ...urns.map((urn) => `  ${sign} ${short(urn)}`)];
  return [
    ...lines,
    "",
    `stays as it is: ${radius.kept.length}${verbose ? "" : " (--verbose lists them)"}`,
    ...(verbose ? radius.kept.map((urn) => `  = ${short(urn)}`) : []),
    ...list("~", "changed in place", radius.updated),
    ...list("±", "replaced", radius.replaced),
    ...list("-", "deleted", radius.deleted),
    ...list("+", "created", radius.created),
    ...list("!", "DATA AT RISK", radius.atRisk),
  ].join("\n");
}

/** "aws:rds:Instance storage-postgres-database" */
export function short(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${(types.split("$").at(-1) ?? "").replace(/^(\w+):(\w+)\/\w+:/, "$1:$2:")} ${name}`;
}
