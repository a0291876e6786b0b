import { describe, expect, test } from "vitest";
import { parseEvents, parsePaper } from "../../../functions/event/formats.ts";

const envelope = { project: "p", now: 0 };
const native = (event: object) => parseEvents(JSON.stringify(event), envelope);

describe("values that are refused say where they stand and what to send", () => {
  test.each([".", ".."])("a run %j, which no URL can name", (id) => {
    const details = { field: "run_id", fix: "Send another id, such as run-1." };
    const refusal = { details: expect.objectContaining(details) };
    expect(() => native({ run_id: id, kind: "k" })).toThrow(expect.objectContaining(refusal));
    const paper = { id, description: "k", created_at: 0 };
    expect(() => parsePaper(JSON.stringify(paper), envelope)).toThrow(`id is ${id}`);
    expect(native({ run_id: `${id}a`, kind: "k" })).toHaveLength(1);
  });

  test("a fraction of an epoch, which belongs into logs", () => {
    const refusal = {
      details: expect.objectContaining({
        field: expect.stringMatching(/epoch$/),
        fix: expect.stringContaining("into logs"),
      }),
    };
    expect(() => native({ run_id: "r", kind: "on_epoch_end", epoch: 0.19 })).toThrow(expect.objectContaining(refusal));
  });
});
