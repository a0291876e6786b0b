/**
 * The capabilities of all implementations as Markdown, for docs/deploy.md: the same data that
 * refuses a combination.
 */

import type { Limits } from "../../contract/limits.ts";
import type { ApiCapabilities, RpcCapabilities, StorageCapabilities, VisualizerCapabilities } from "./capabilities.ts";
import { everyCombination, isValid, partsOf } from "./compatibility.ts";

export function capabilityMatrix(): string {
  const all = [...everyCombination()];
  return [
    `Of ${all.length} combinations that can be written down, ${all.filter(isValid).length} can work; the others are refused before anything is made.`,
    "",
    table(
      ["api", "identifies itself by", "reaches", "body", "waits", "streams"],
      partsOf("api").map(({ kind, capabilities }) => {
        const { speaks, reaches, limits } = capabilities as ApiCapabilities;
        return [kind, speaks.join(", "), reaches.join(", "), ...limitCells(limits)];
      }),
    ),
    table(
      ["rpc", "takes", "listens in", "reaches", "delivery", "body", "works", "streams"],
      partsOf("rpc").map(({ kind, capabilities }) => {
        const { accepts, at, reaches, delivery, limits } = capabilities as RpcCapabilities;
        return [kind, accepts.join(", "), at, reaches.join(", "), delivery.join(", "), ...limitCells(limits)];
      }),
    ),
    table(
      ["storage", "on", "lies in"],
      partsOf("storage").map(({ kind, host, capabilities }) => [kind, host, (capabilities as StorageCapabilities).at]),
    ),
    table(
      ["visualizer", "on", "reaches"],
      partsOf("visualizer").map(({ kind, host, capabilities }) => [
        kind,
        host,
        (capabilities as VisualizerCapabilities).reaches.join(", "),
      ]),
    ),
  ].join("\n");
}

function limitCells({ bodyBytes, seconds, stream }: Limits): string[] {
  return [`${(bodyBytes / 1e6).toFixed(1)} MB`, `${seconds} s`, stream];
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => (cell === "self" ? "" : cell)).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n");
}
