import { serve } from "@hono/node-server";
import { Hono } from "hono";

/** The least that a handler can do: parse the JSON, store nothing. */
const app = new Hono();
app.post("/v1/events", async (c) => {
  const { events } = (await c.req.json()) as { events: unknown[] };
  return c.json({ accepted: events.length });
});
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ port }) => process.send?.({ port }));
process.on("SIGTERM", () => {
  server.close();
  process.exit(0);
});
