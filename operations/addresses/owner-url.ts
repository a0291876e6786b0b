import { readFileSync } from "node:fs";
import { openInstallation } from "../../embedded/data-folder.ts";
import type { Endpoint } from "../../embedded/stack.ts";
import { Mistake } from "../mistake.ts";

/**
 * Returns how the owner connects: the URL given, or that of the stack with this data folder. Throws
 * with what to do.
 */
export function ownerUrl({ url, data }: { url?: string | undefined; data: string }): string {
  if (url !== undefined) {
    if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
      throw new Mistake(
        `--url is no PostgreSQL URL. Give one such as postgres://integraviz_owner:...@host/integraviz.`,
      );
    return url;
  }
  const { secrets, endpoint } = openInstallation(data, ", or give the owner's --url");
  const owner = new URL((JSON.parse(readFileSync(endpoint, "utf8")) as Endpoint).sql);
  owner.username = "integraviz_owner";
  owner.password = secrets.owner;
  return String(owner);
}
