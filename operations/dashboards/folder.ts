import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Login } from "../../contract/login.ts";
import type { DashboardSpec, Dialect } from "../../dashboards/spec.ts";
import { bundle, bundleFiles } from "../../dashboards/superset/bundle.ts";
import { compile } from "../../dashboards/superset/compile.ts";
import { splitConnection } from "../../dashboards/superset/database.ts";
import { aboutStores } from "../../functions/stores/about-stores.ts";

/**
 * Writes the bundle to upload by hand, as ZIP and as the files in it, in place of an older one.
 * No password is in it. Superset's page takes what calls itself an export of dashboards.
 * @returns the path of the ZIP
 */
export function writeBundle(
  folder: string,
  specs: readonly DashboardSpec[],
  { name, on, reader }: { name: string; on: Dialect; reader?: Login | undefined },
): string {
  const blank = { dialect: on, ...aboutStores[on].visualizers.supersetBlank, encryptedExtra: "{}", fingerprint: "" };
  const connection = reader === undefined ? blank : { ...splitConnection(reader, name).connection, fingerprint: "" };
  const compiled = compile(specs, { name, connection });
  const metadata = { ...compiled.assets["metadata.yaml"], type: "Dashboard" };
  const assets = { ...compiled.assets, "metadata.yaml": metadata };
  const files = join(folder, "integraviz");
  rmSync(files, { recursive: true, force: true });
  for (const [path, text] of Object.entries(bundleFiles(assets))) {
    mkdirSync(dirname(join(files, path)), { recursive: true });
    writeFileSync(join(files, path), text);
  }
  const zip = join(folder, "integraviz.zip");
  writeFileSync(zip, bundle(assets));
  return zip;
}
