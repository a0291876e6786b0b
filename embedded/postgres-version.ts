import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { DataFolder } from "./data-folder.ts";

/** A folder that a PostgreSQL of another major version made: none reads the files of another. */
export class OtherVersion extends Error {
  override readonly name = "OtherVersion";
  constructor({ path }: DataFolder, made: string, ours: string) {
    super(
      `${path} was made by PostgreSQL ${made}, and this package has ${ours}, which cannot read it. ` +
        "Run `integraviz backup FILE` with the package that made it, then `integraviz restore FILE --data NEW` with this one.",
    );
  }
}

/** Refuses with `OtherVersion` a folder that is there and not of the server's major version. */
export function checkVersion(data: DataFolder, postgres: string): void {
  const file = join(data.cluster, "PG_VERSION");
  if (!existsSync(file)) return;
  const made = readFileSync(file, "utf8").trim();
  const ours = majorVersion(postgres);
  if (made !== ours) throw new OtherVersion(data, made, ours);
}

/** @param postgres path of the server's program */
function majorVersion(postgres: string): string {
  const said = execFileSync(postgres, ["--version"], { encoding: "utf8" });
  const major = /\(PostgreSQL\) (\d+)/.exec(said)?.[1];
  if (major === undefined) throw new Error(`${postgres} does not say its version: ${said.trim()}`);
  return major;
}
