import { describe, expect, test } from "vitest";
import { parsePaper } from "../../../functions/event/formats.ts";
import { refusalOf } from "../http/refusals.ts";

const paper = (body: unknown, project = "default") =>
  parsePaper(typeof body === "string" ? body : JSON.stringify(body), { project, now: 0 })[0]!;
const AT = "2023-08-14 10:00:00.123456";
const MICROS = Date.UTC(2023, 7, 14, 10) * 1000 + 123_456;
const event = (more: object = {}) => ({ id: "run-1", description: "on_epoch_end", created_at: AT, ...more });

/** Silva & Mattoso's own artefact breaks on each of these. */
describe("the paper's format", () => {
  test("an event without logs, which the paper's server indexes all the same", () => {
    expect(paper(event({ description: "on_train_begin" }))).toMatchObject({
      run: "run-1",
      kind: "on_train_begin",
      epoch: null,
      logs: null,
      createdAt: MICROS,
    });
  });

  test.each([
    ["on_epoch_begin", {}, 0],
    ["on_epoch_end", {}, 0],
    ["on_epoch_end", { epoch: null }, 0],
    ["on_epoch_end", { epoch: 0 }, 0],
    ["on_epoch_end", { epoch: 3 }, 3],
    ["on_train_begin", {}, null],
    ["on_train_batch_end", {}, null],
    ["on_train_begin", { epoch: 2 }, 2],
  ])("%s with %j is epoch %s: its client leaves out epoch 0", (description, more, epoch) => {
    expect(paper(event({ description, ...more })).epoch).toBe(epoch);
  });

  test("a quote in a log value is a value", () => {
    const logs = { note: 'it\'s "quoted"; DROP TABLE raw_link; --', loss: 0.5 };
    expect(JSON.parse(paper(event({ logs })).logs as string)).toEqual(logs);
  });

  test.each([
    [AT, MICROS],
    ["2023-08-14T10:00:00.123456", MICROS],
    [1692007200.123456, MICROS],
    [1692007200, MICROS - 123_456],
    [0, 0],
  ])("created_at %s: its client sends text, its server reads seconds", (created_at, micros) => {
    expect(paper(event({ created_at })).createdAt).toBe(micros);
  });

  test.each([
    [{ description: "k", created_at: AT }, "id"],
    [{ id: "", description: "k", created_at: AT }, "id"],
    [{ id: null, description: "k", created_at: AT }, "id"],
    [{ id: "r", created_at: AT }, "description"],
    [{ id: "r", description: "k" }, "created_at"],
    [{ id: "r", description: "k", created_at: "14/08/2023" }, "created_at"],
    [{ id: "r", description: "k", created_at: 1e300 }, "created_at"],
    [{ id: "r", description: "k", created_at: AT, epoch: "0" }, "epoch"],
    [{ id: "r", description: "k", created_at: AT, logs: [] }, "logs"],
  ])("%j is refused at %s: strangers' runs are not merged under one id", (body, field) => {
    expect(refusalOf(() => paper(body))).toMatchObject({ status: 400, details: { field } });
  });

  test("bare NaN, as Python's json writes it", () => {
    const body =
      '{"id":"r","description":"on_epoch_end","created_at":"2023-08-14","logs":{"loss":NaN,"n":9007199254740993}}';
    expect(paper(body).logs).toBe('{"loss":{"$num":"NaN"},"n":{"$num":"9007199254740993"}}');
    expect(refusalOf(() => paper('{"id":"r","description":"k","created_at":NaN}')).details.field).toBe("created_at");
  });

  test("the body is the identity, within a project", () => {
    const { id } = paper(event({ logs: { loss: 1 } }));
    expect(id).toMatch(/^paper-[0-9a-f]{32}$/);
    // A store full of events depends on it: a change here would take every resend for something
    // new.
    expect(id).toBe("paper-38bd6c9750841231157c8b0563747ad2");
    expect(paper(event({ logs: { loss: 1 } })).id).toBe(id);
    expect(paper(event({ logs: { loss: 1 }, epoch: 0 })).id).toBe(id);
    expect(paper(event({ logs: { loss: 1 } }), "other").id).not.toBe(id);
    for (const more of [{ logs: { loss: 2 } }, { epoch: 1, logs: { loss: 1 } }, { id: "run-2", logs: { loss: 1 } }])
      expect(paper(event(more)).id).not.toBe(id);
  });

  test("an array, or text, is no event", () => {
    for (const body of ["[]", "5", '"x"', "null"]) expect(refusalOf(() => paper(body)).status).toBe(400);
  });
});
