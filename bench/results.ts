import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";

type Rows = Record<string, string | number>[];

/** A table on the screen. */
export function print(rows: Rows, remarks: string[] = []): void {
  console.table(rows);
  for (const remark of remarks) console.log(remark);
}

/** A table on the screen and in bench/results/NAME.md, with the machine it was measured on. */
export function publish(name: string, question: string, rows: Rows, remarks: string[] = []): void {
  print(rows, remarks);
  const columns = Object.keys(rows[0] ?? {});
  const line = (cells: unknown[]) => `| ${cells.join(" | ")} |`;
  const machine = `${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}`;
  const text = [
    `# ${name}`,
    "",
    question,
    "",
    `Measured on ${machine}. Quote the ratios: absolute figures move with the machine.`,
    "",
    line(columns),
    line(columns.map(() => "---")),
    ...rows.map((row) => line(columns.map((column) => row[column] ?? ""))),
    "",
    ...remarks.flatMap((remark) => [remark, ""]),
  ].join("\n");
  mkdirSync(new URL("./results/", import.meta.url), { recursive: true });
  writeFileSync(new URL(`./results/${name}.md`, import.meta.url), text);
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits));
