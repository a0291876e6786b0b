/** `npm run lint` runs this after Biome: what no rule of Biome says of this code. Exits 1 with a line for each fault. */
import { climbingImports, importCircles } from "./arrows.ts";
import { longComments } from "./comments.ts";
import { undocumentedExports } from "./exports.ts";
import { retiredWords } from "./words.ts";

const rules = { longComments, undocumentedExports, climbingImports, importCircles, retiredWords };
let count = 0;
for (const [name, find] of Object.entries(rules))
  for (const { file, line, message } of find()) {
    count += 1;
    console.error(`${file}:${line} ${name}: ${message}`);
  }
if (count > 0) {
  console.error(`${count} faults of style.`);
  process.exitCode = 1;
}
