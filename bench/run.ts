export {};

const BENCHES: Record<string, () => Promise<() => Promise<void>>> = {
  bundle: async () => (await import("./bundle.ts")).bundle,
  copy: async () => (await import("./copy.ts")).copy,
  bytes: async () => (await import("./bytes.ts")).bytes,
  client: async () => (await import("./client.ts")).client,
  dashboards: async () => (await import("./dashboards.ts")).dashboards,
  ingest: async () => (await import("./ingest.ts")).ingest,
  live: async () => (await import("./live.ts")).live,
  loop: async () => (await import("./loop.ts")).loop,
  preview: async () => (await import("./preview.ts")).preview,
  read: async () => (await import("./read.ts")).read,
  scale: async () => (await import("./scale.ts")).scale,
  sealing: async () => (await import("./sealing.ts")).sealing,
  series: async () => (await import("./series.ts")).series,
  smoothing: async () => (await import("./smoothing.ts")).smoothing,
  start: async () => (await import("./start.ts")).start,
};

const [, , chosen = "--help"] = process.argv;
const bench = BENCHES[chosen];
if (bench === undefined) {
  console.error(`npm run bench -- NAME, with one of: ${Object.keys(BENCHES).join(", ")}`);
  process.exit(chosen === "--help" ? 0 : 1);
}
await (await bench())();
