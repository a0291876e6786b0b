import { setTimeout as delay } from "node:timers/promises";
import pg from "pg";
import { clientOf, type PostgresAddress } from "./connection.ts";

/**
 * Keeps one connection that listens, for as long as someone wants to be woken, and connects again
 * when it breaks. A pooler before it must pool sessions (findings/README.md, E1).
 */
export class AppendListener {
  readonly #address: PostgresAddress;
  readonly #wakes = new Set<() => void>();
  #client: pg.Client | null = null;
  #running = false;

  constructor(address: PostgresAddress) {
    this.#address = address;
  }

  add(wake: () => void): () => void {
    this.#wakes.add(wake);
    if (!this.#running) void this.#keepListening();
    return () => {
      this.#wakes.delete(wake);
      if (this.#wakes.size === 0) void this.close();
    };
  }

  async close(): Promise<void> {
    this.#wakes.clear();
    await this.#client?.end().catch(() => {});
  }

  async #keepListening(): Promise<void> {
    this.#running = true;
    for (let wait = 50; this.#wakes.size > 0; wait = Math.min(wait * 2, 1_000)) {
      const client = new pg.Client({
        ...clientOf(this.#address),
        keepAlive: true,
        application_name: "integraviz listen",
      });
      const ended = new Promise<void>((resolve) => {
        client.once("end", resolve);
        client.on("error", () => resolve());
      });
      client.on("notification", () => this.#wakeAll());
      try {
        await client.connect();
        this.#client = client;
        // Everyone may have left while it connected.
        if (this.#wakes.size > 0) {
          await client.query("LISTEN integraviz_events");
          wait = 50;
          // What came while nobody listened.
          this.#wakeAll();
          await ended;
        }
      } catch {
        // The database is away: the loop goes on until it is back.
      }
      this.#client = null;
      await client.end().catch(() => {});
      if (this.#wakes.size > 0) await delay(wait);
    }
    this.#running = false;
  }

  #wakeAll(): void {
    for (const wake of this.#wakes) wake();
  }
}
