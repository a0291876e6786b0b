import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import type { Adapter } from "./api.ts";

/** Requests handed to the handler as they are. */
export const fetchAdapter: Adapter = async (app) => ({
  hostname: "api.example",
  request: async (path, init) => app.fetch(new Request(`http://api.example${path}`, init)),
  close: async () => {},
});

/** Real HTTP on loopback. */
export const nodeAdapter: Adapter = async (app) => {
  const server = serve({ hostname: "127.0.0.1", port: 0, fetch: app.fetch }) as Server;
  if (!server.listening) await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    hostname: "127.0.0.1",
    request: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
