import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { openDataFolder } from "../../embedded/data-folder.ts";
import type { Endpoint } from "../../embedded/stack.ts";

/** How the owner connects: the URL given, or that of `npm start` with this data folder. Throws with what to do. */
export function ownerUrl({ url, data }: { url?: string; data: string }): string {
  if (url !== undefined) {
    if (!/^postgres(ql)?:\/\//.test(url) || !URL.canParse(url))
      throw new Error(`--url is no PostgreSQL URL. Give one such as postgres://integraviz_owner:...@host/integraviz.`);
    return url;
  }
  if (!existsSync(join(data, "endpoint.json"))) {
    throw new Error(
      `There is no installation in ${data}. Run npm start first, name its folder with --data, or give the owner's --url.`,
    );
  }
  const { secrets, endpoint } = openDataFolder(data);
  const owner = new URL((JSON.parse(readFileSync(endpoint, "utf8")) as Endpoint).sql);
  owner.username = "integraviz_owner";
  owner.password = secrets.owner;
  return String(owner);
}
