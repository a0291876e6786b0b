import type { SwapRequest } from "./swap.ts";

/** Writes the way round a swap that is refused. @param storage the one that holds the events */
export function wayRound({ stack, settings, archive }: SwapRequest, storage: string): string {
  const chosen = settings.findLast(([path]) => path === "storage.kind")?.[1] ?? storage;
  if (chosen === storage)
    return [
      `REFUSED: events would be lost. The storage would move, and stays ${storage}: an archive keeps one of another kind only.`,
      "Put it up as a stack of its own, and move over:",
      `  pulumi stack init NEW --copy-config-from ${stack}, these settings with pulumi config set -s NEW --path, and pulumi up -s NEW`,
      "  trainers to the url and token of NEW",
      "  integraviz copy --from URL --to URL   (each with its writer's login; proves that all events are there)",
    ].join("\n");
  if (archive) return "REFUSED: even with the archive, stores that hold events would be deleted.";
  const given = settings.map(([path, value]) => `${path}=${value}`).join(" ");
  return [
    "REFUSED: events would be lost. Keep the old storage beside the new one while they are copied:",
    `  integraviz swap --stack ${stack} ${given} --archive --apply`,
    `  pulumi up -s ${stack}`,
    `  integraviz copy --from ${stack}:archive --to ${stack}   (from ${storage} to the new one; proves that all events are there)`,
    `  pulumi config rm -s ${stack} integraviz:archive, then unprotect what is left of ${storage}: it stays where it is, and docs/deploy.md says how to come back to it`,
  ].join("\n");
}
