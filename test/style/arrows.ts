import { importsOf, productFiles, type Violation } from "./sources.ts";

/** The floors of the house, highest first: a file imports from its own floor and from those below. */
const FLOORS: string[][] = [
  ["commands", "bench"],
  ["operations", "stacks"],
  ["dashboards", "trainer", "embedded"],
  ["functions", "components"],
  ["contract"],
];

const floorOf = (path: string) => FLOORS.findIndex((folders) => folders.includes(path.split("/")[0] ?? ""));

/** Finds imports that climb: from a lower floor of the house to a higher one. */
export function climbingImports(): Violation[] {
  return productFiles().flatMap((file) =>
    importsOf(file)
      .filter((imported) => floorOf(imported) !== -1 && floorOf(file) !== -1 && floorOf(imported) < floorOf(file))
      .map((imported) => ({ file, line: 1, message: `imports ${imported}, which lies on a higher floor` })),
  );
}

/** Finds circles of imports over more than two files, types counted (Tarjan's strongly connected components). */
export function importCircles(): Violation[] {
  const edges = new Map(productFiles().map((file) => [file, importsOf(file)]));
  return connected(edges)
    .filter((circle) => circle.length > 2)
    .map((circle) => ({
      file: circle[0] ?? "",
      line: 1,
      message: `a circle of imports over ${circle.length} files: ${circle.join(", ")}`,
    }));
}

function connected(edges: Map<string, string[]>): string[][] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const open: string[] = [];
  const found: string[][] = [];
  const visit = (file: string) => {
    order.set(file, order.size);
    lowest.set(file, order.size - 1);
    open.push(file);
    for (const next of edges.get(file) ?? []) {
      if (!edges.has(next)) continue;
      if (!order.has(next)) visit(next);
      if (open.includes(next)) lowest.set(file, Math.min(lowest.get(file) ?? 0, lowest.get(next) ?? 0));
    }
    if (lowest.get(file) === order.get(file)) found.push(open.splice(open.indexOf(file)));
  };
  for (const file of edges.keys()) if (!order.has(file)) visit(file);
  return found;
}
