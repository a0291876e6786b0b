import type { Drill } from "./drill.ts";

/** `npm run drill`: see the help. Exits 1 where something was not as it is to be. */
const DRILLS: Record<string, () => Promise<Drill>> = {
  kill: async () => (await import("./kill.ts")).kill,
  heap: async () => (await import("./heap.ts")).heap,
  neighbours: async () => (await import("./neighbours.ts")).neighbours,
};

async function help(): Promise<string> {
  const lines = ["npm run drill -- NAME [options]", ""];
  for (const [name, load] of Object.entries(DRILLS)) {
    const { about, option } = await load();
    lines.push(
      `  ${name}`,
      `      ${about}`,
      `      --${option.name} N    ${option.about} (default ${option.value})`,
      "",
    );
  }
  return [...lines, "  --help", "", "Each makes an installation of its own in TMPDIR, and removes it."].join("\n");
}

function countOf({ option }: Drill, args: string[]): number {
  if (args.length === 0) return option.value;
  const [name, text = "", ...more] = args.flatMap((arg) => (arg.startsWith("--") ? arg.split("=") : [arg]));
  const count = Number(text);
  if (name !== `--${option.name}` || more.length > 0 || !(count > 0))
    throw new Error(`${args.join(" ")}: this drill takes --${option.name} N, a number above 0.`);
  return count;
}

async function main([name = "--help", ...args]: string[]): Promise<number> {
  const load = DRILLS[name];
  if (load === undefined || args.includes("--help")) {
    console.log(await help());
    return load !== undefined || name === "--help" ? 0 : 1;
  }
  const drill = await load();
  const count = countOf(drill, args);
  const misses = await drill.run(count, (line) => console.log(line));
  for (const miss of misses) console.error(`MISS  ${miss}`);
  console.log(`${name}: ${misses.length === 0 ? "all as it is to be" : `${misses.length} missed`}.`);
  return misses.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message);
  return 1;
});
