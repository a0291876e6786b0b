import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createStream, type StreamStatus } from "../../../../dashboards/live/data/stream.ts";
import { streamedEvent } from "./events.ts";
import { FakeSource } from "./fake-source.ts";

describe("the stream", () => {
  let said: (StreamStatus | "reset" | "refused" | number)[];
  let stream: ReturnType<typeof createStream>;

  beforeEach(() => {
    vi.useFakeTimers();
    FakeSource.opened = [];
    said = [];
    stream = createStream({ stream: (asked) => new FakeSource(asked) }, "p", {
      events: (events) => said.push(events.length),
      reset: () => said.push("reset"),
      status: (status) => said.push(status),
      refused: () => said.push("refused"),
    });
  });
  afterEach(() => {
    stream.close();
    vi.useRealTimers();
  });

  test("gives events and keeps the position they lead to", () => {
    stream.open("7");
    FakeSource.last.answer();
    FakeSource.last.message("events", { events: [streamedEvent({}), streamedEvent({})] }, "9");
    expect([FakeSource.last.after, said, stream.cursor]).toEqual(["7", ["connecting", "live", 2], "9"]);
  });

  test("goes on after a reset at the position it names", () => {
    stream.open("7");
    FakeSource.last.message("reset", {}, "5000");
    expect([said, stream.cursor]).toEqual([["connecting", "reset"], "5000"]);
  });

  test("hears nothing more of a source it has left", () => {
    stream.open("7");
    const left = FakeSource.last;
    stream.open("8");
    left.message("events", { events: [streamedEvent({})] }, "9");
    left.lose(true);
    expect([said, stream.cursor]).toEqual([["connecting", "connecting"], "8"]);
  });

  test("asks whether the session is good when it is refused, and comes back", () => {
    stream.open("7");
    FakeSource.last.lose(true);
    expect(said).toEqual(["connecting", "reconnecting", "refused"]);
    vi.advanceTimersByTime(3000);
    expect(FakeSource.opened.map(({ after }) => after)).toEqual(["7", "7"]);
  });

  test("tells an API that closes after each answer from one that fails", () => {
    stream.open("7");
    for (let i = 0; i < 2; i++) {
      FakeSource.last.answer();
      FakeSource.last.lose();
    }
    FakeSource.last.answer();
    FakeSource.last.lose();
    FakeSource.last.lose();
    expect(said).toEqual(["connecting", "live", "reconnecting", "live", "polling", "reconnecting"]);
  });

  test("rests and goes on where it was", () => {
    stream.resume();
    expect(FakeSource.opened).toEqual([]);
    stream.open("7");
    FakeSource.last.message("events", { events: [] }, "8");
    stream.pause();
    expect([FakeSource.last.readyState, said.at(-1)]).toEqual([FakeSource.CLOSED, "paused"]);
    stream.resume();
    expect(FakeSource.last.after).toBe("8");
  });
});
