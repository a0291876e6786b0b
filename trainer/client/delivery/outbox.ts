/** How long an event is kept when the queue is full: those of tier 0 go first. */
export type Tier = 0 | 1 | 2 | 3;

/** An event that waits to be sent. */
export interface Outgoing {
  /** Its place among all events of the client. */
  readonly order: number;
  readonly run: string;
  readonly kind: string;
  readonly tier: Tier;
  /** The event as JSON. */
  readonly text: string;
  readonly bytes: number;
}

export interface Outbox {
  /**
   * Takes the event in. Where it is one too many, the oldest that may go for it are dropped, and
   * given back.
   */
  add(event: Outgoing): Outgoing[];
  /**
   * Takes out the oldest events: at most `count` of them and, but for the first, at most `bytes` in
   * all.
   */
  take(count: number, bytes: number): Outgoing[];
  readonly size: number;
  /** How many events up to this place still wait. */
  waiting(upTo: number): number;
  /** All that waits, oldest first. It stays. */
  all(): Outgoing[];
}

/** The begin and end of a run, and the client's own word on what it dropped. */
export const LAST_TO_GO: Tier = 3;

const TIERS: ReadonlyMap<string, Tier> = new Map<string, Tier>([
  ["heartbeat", 0],
  ["system", 0],
  ["params", 2],
  ["tags", 2],
  ["on_train_begin", LAST_TO_GO],
  ["on_train_end", LAST_TO_GO],
]);

/**
 * Points of batches and samples of the machine come by the thousand; epochs and kinds that are not
 * known here seldom.
 */
export const toTier = (kind: string): Tier => TIERS.get(kind) ?? (kind.includes("_batch_") ? 0 : 1);

/**
 * A queue with an upper bound of events and of bytes. When it is full, tier 0 goes first, then tier
 * 1, each time the oldest. Tiers 2 and 3 push nothing of these out: they may stand above the bound,
 * up to as much again, and from there on push each other out.
 */
export function createOutbox(capacity: number, capacityBytes: number): Outbox {
  const tiers = [fifo(), fifo(), fifo(), fifo()] as const;
  const points = tiers.slice(0, 2);
  const kept = tiers.slice(2);
  const sum = (some: readonly Fifo[], of: "size" | "bytes") => some.reduce((total, tier) => total + tier[of], 0);

  return {
    add(event) {
      if (event.bytes > capacityBytes) return [event];
      tiers[event.tier].push(event);
      const [counted, going] = event.tier < 2 ? [tiers, points] : [kept, kept];
      const dropped: Outgoing[] = [];
      while (sum(counted, "size") > capacity || sum(counted, "bytes") > capacityBytes) {
        const oldest = going.find(({ size }) => size > 0)?.shift();
        if (oldest === undefined) break;
        dropped.push(oldest);
      }
      return dropped;
    },
    take(count, maxBytes) {
      const taken: Outgoing[] = [];
      let bytes = 0;
      while (taken.length < count) {
        const oldest = tiers.reduce((best, tier) => (orderOf(tier.peek()) < orderOf(best.peek()) ? tier : best));
        const event = oldest.peek();
        if (event === undefined || (taken.length > 0 && bytes + event.bytes > maxBytes)) break;
        bytes += event.bytes;
        taken.push(oldest.shift()!);
      }
      return taken;
    },
    get size() {
      return sum(tiers, "size");
    },
    waiting: (upTo) => tiers.reduce((sum, tier) => sum + tier.all().filter(({ order }) => order <= upTo).length, 0),
    all: () => tiers.flatMap((tier) => tier.all()).sort((a, b) => a.order - b.order),
  };
}

const orderOf = (event: Outgoing | undefined): number => event?.order ?? Number.POSITIVE_INFINITY;

type Fifo = ReturnType<typeof fifo>;

/** First in, first out, in constant time: Array.shift moves everything behind it. */
function fifo() {
  let items: (Outgoing | undefined)[] = [];
  let head = 0;
  let bytes = 0;
  return {
    get size() {
      return items.length - head;
    },
    get bytes() {
      return bytes;
    },
    push(event: Outgoing) {
      items.push(event);
      bytes += event.bytes;
    },
    peek: (): Outgoing | undefined => items[head],
    shift(): Outgoing | undefined {
      const event = items[head];
      if (event === undefined) return undefined;
      bytes -= event.bytes;
      items[head] = undefined;
      head += 1;
      if (head > 1024 && head * 2 > items.length) {
        items = items.slice(head);
        head = 0;
      }
      return event;
    },
    all: () => items.slice(head) as Outgoing[],
  };
}
