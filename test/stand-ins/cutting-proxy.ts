import { connect, createServer, type Socket } from "node:net";
import type { Line } from "../functions/stores/store-suite/subject.ts";

export interface CuttingProxy extends Line {
  port: number;
  /** From when a client sends this text on, it hears nothing any more, as though it were frozen. */
  freezeAt(text: string): void;
  close(): Promise<void>;
}

/**
 * A line to a server on this machine that can be cut in place of a reply: the server did what it was asked, and nobody
 * hears of it. A reply is what comes back after something was sent, on whichever connection.
 */
export async function openCuttingProxy(serverPort: number): Promise<CuttingProxy> {
  const sockets = new Set<Socket>();
  let left: number | null = null;
  let cuts = 0;
  let freezing: string | null = null;
  const proxy = createServer((client) => {
    const server = connect(serverPort, "127.0.0.1");
    let isAsked = false;
    let isFrozen = false;
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on("error", end);
      socket.on("close", () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on("data", (bytes) => {
      isAsked = true;
      isFrozen ||= freezing !== null && bytes.includes(freezing);
      server.write(bytes);
    });
    server.on("data", (bytes) => {
      if (isFrozen) return;
      if (isAsked && left !== null) left -= 1;
      isAsked = false;
      if (left !== null && left < 0) {
        left = null;
        cuts += 1;
        end();
      } else client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  return {
    port: (proxy.address() as { port: number }).port,
    cutReply(after) {
      left = after;
    },
    freezeAt(text) {
      freezing = text;
    },
    get cuts() {
      return cuts;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
