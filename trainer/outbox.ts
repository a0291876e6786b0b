/** An event that waits to be sent. */
export interface Outgoing {
  /** Its place among all events of the client. */
  readonly order: number;
  readonly run: string;
  readonly kind: string;
  /** The event as JSON. */
  readonly text: string;
  readonly bytes: number;
}

export interface Outbox {
  /** Takes the event in. Where a point is one too many, the oldest points go, and are given back. */
  add(event: Outgoing): Outgoing[];
  /** Takes out the oldest events: at most `count` of them and, but for the first, at most `bytes` in all. */
  take(count: number, bytes: number): Outgoing[];
  readonly size: number;
  /** How many events up to this place still wait. */
  waiting(upTo: number): number;
  /** All that waits, oldest first. It stays. */
  all(): Outgoing[];
}

/**
 * A queue with an upper bound of events and of bytes. When it is full, points of batches (and heartbeats) go first,
 * then points of epochs, each time the oldest. Anything else (the begin and end of a run, params, tags, system) is
 * never dropped and pushes nothing out, so these few may stand above the bound.
 */
export function createOutbox(capacity: number, capacityBytes: number): Outbox {
  const tiers = [fifo(), fifo(), fifo()] as const;
  let size = 0;
  let bytes = 0;

  const removed = (event: Outgoing): Outgoing => {
    size -= 1;
    bytes -= event.bytes;
    return event;
  };

  return {
    add(event) {
      const tier = tierOf(event.kind);
      tiers[tier].push(event);
      size += 1;
      bytes += event.bytes;
      const dropped: Outgoing[] = [];
      while (tier < 2 && (size > capacity || bytes > capacityBytes)) {
        const oldest = tiers[0].shift() ?? tiers[1].shift();
        if (oldest === undefined) break;
        dropped.push(removed(oldest));
      }
      return dropped;
    },
    take(count, maxBytes) {
      const taken: Outgoing[] = [];
      let sum = 0;
      while (taken.length < count) {
        const oldest = tiers.reduce((best, tier) => (orderOf(tier.peek()) < orderOf(best.peek()) ? tier : best));
        const event = oldest.peek();
        if (event === undefined || (taken.length > 0 && sum + event.bytes > maxBytes)) break;
        sum += event.bytes;
        taken.push(removed(oldest.shift()!));
      }
      return taken;
    },
    get size() {
      return size;
    },
    waiting: (upTo) => tiers.reduce((sum, tier) => sum + tier.all().filter(({ order }) => order <= upTo).length, 0),
    all: () => tiers.flatMap((tier) => tier.all()).sort((a, b) => a.order - b.order),
  };
}

function tierOf(kind: string): 0 | 1 | 2 {
  if (kind === "heartbeat" || /^on_(train|test|predict)_batch_/.test(kind)) return 0;
  return /^on_(epoch|test|predict)_/.test(kind) ? 1 : 2;
}

const orderOf = (event: Outgoing | undefined): number => event?.order ?? Number.POSITIVE_INFINITY;

/** First in, first out, in constant time: Array.shift moves everything behind it. */
function fifo() {
  let items: (Outgoing | undefined)[] = [];
  let head = 0;
  return {
    push: (event: Outgoing) => items.push(event),
    peek: (): Outgoing | undefined => items[head],
    shift(): Outgoing | undefined {
      const event = items[head];
      if (event === undefined) return undefined;
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
