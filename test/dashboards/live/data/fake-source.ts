/** Stands in for a source of server-sent events; what is opened is kept, the newest last. */
export class FakeSource extends EventTarget {
  static readonly CLOSED = 2;
  static opened: FakeSource[] = [];
  readonly after: string;
  readyState = 0;

  constructor({ after }: { after: string }) {
    super();
    this.after = after;
    FakeSource.opened.push(this);
  }

  static get last(): FakeSource {
    return FakeSource.opened.at(-1)!;
  }

  on(type: string, listener: (message: MessageEvent<string>) => void) {
    this.addEventListener(type, listener as EventListener);
  }

  answer() {
    this.readyState = 1;
    this.dispatchEvent(new Event("open"));
  }

  message(type: "events" | "reset", data: unknown, lastEventId: string) {
    this.dispatchEvent(new MessageEvent(type, { data: JSON.stringify(data), lastEventId }));
  }

  /** The connection is lost; `forGood` where the server refuses it. */
  lose(forGood = false) {
    this.readyState = forGood ? FakeSource.CLOSED : 0;
    this.dispatchEvent(new Event("error"));
  }

  close() {
    this.readyState = FakeSource.CLOSED;
  }
}
