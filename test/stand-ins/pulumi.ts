import { chmod, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** Writes a `pulumi` into the folder that keeps its arguments in argv.json and answers this. Gives a PATH that has it first. */
export async function standInPulumi(folder: string, { stdout = "", stderr = "", code = 0 }): Promise<string> {
  const script = `#!${process.execPath}
require("node:fs").writeFileSync(${JSON.stringify(join(folder, "argv.json"))}, JSON.stringify(process.argv.slice(2)));
process.stdout.write(${JSON.stringify(stdout)});
process.stderr.write(${JSON.stringify(stderr)});
process.exitCode = ${code};
`;
  await writeFile(join(folder, "pulumi"), script);
  await chmod(join(folder, "pulumi"), 0o755);
  return `${folder}${delimiter}${process.env.PATH}`;
}
