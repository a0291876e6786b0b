import { describe, expect, test } from "vitest";
import type { Appended } from "../../../../functions/stores/store.ts";
import { sampleEvent } from "../../event/sample-event.ts";
import type { Suite } from "./opened.ts";

export function identityTests(suite: Suite): void {
  const answered = ({ accepted, duplicates, conflicts }: Appended) => [accepted, duplicates, conflicts];

  describe("sent twice, stored once", () => {
    test("a resend is a duplicate, another body a conflict, and the first one stays", async () => {
      const project = suite.project("twice");
      const first = sampleEvent({ project, id: "a", seq: 1, createdAt: 5, step: 1, logs: '{"loss":1,"b":{"c":1}}' });
      expect(answered(await suite.store.append([first]))).toEqual([1, 0, []]);
      expect(answered(await suite.store.append([first]))).toEqual([0, 1, []]);
      const reordered = { ...first, logs: '{"b":{"c":1},"loss":1}' };
      const left = { ...first, seq: null, createdAt: null };
      expect(answered(await suite.store.append([reordered, left]))).toEqual([0, 2, []]);
      const others = [
        { run: "other" },
        { writer: "w" },
        { seq: 2 },
        { kind: "k" },
        { actor: "ada" },
        { epoch: 0 },
        { step: null },
        { batch: 0 },
        { createdAt: 6 },
        { logs: null },
        { logs: '{"loss":2,"b":{"c":1}}' },
      ];
      const conflicting = await suite.store.append(others.map((other) => ({ ...first, ...other })));
      expect(answered(conflicting)).toEqual([0, 0, others.map(() => "a")]);
      expect(await suite.settled(project, 1)).toMatchObject([{ run: "run", seq: 1, step: 1, logs: { loss: 1 } }]);
    });

    test("within one append, beside events that are new", async () => {
      const project = suite.project("within");
      const [a, b] = ["a", "b"].map((id) => sampleEvent({ project, id, step: 1 }));
      expect(answered(await suite.store.append([a!, a!, { ...a!, step: 2 }, b!]))).toEqual([2, 1, ["a"]]);
      expect(answered(await suite.store.append([{ ...b!, step: 3 }, a!]))).toEqual([0, 1, ["b"]]);
      expect((await suite.settled(project, 2)).map(({ event_id, step }) => [event_id, step])).toEqual([
        ["a", 1],
        ["b", 1],
      ]);
    });

    test("one id in two projects is two events", async () => {
      const projects = [suite.project("a"), suite.project("b")];
      const events = projects.map((project) => sampleEvent({ project, id: "same", run: project }));
      expect(answered(await suite.store.append(events))).toEqual([2, 0, []]);
      for (const project of projects)
        expect(await suite.settled(project, 1)).toMatchObject([{ run: project, event_id: "same" }]);
    });

    test("by several writers to one run at once, in any order: each answered, each event once", async () => {
      const project = suite.project("at-once");
      const events = Array.from({ length: 60 }, (_, step) =>
        sampleEvent({
          project,
          id: `id-${step}`,
          step,
          seq: step,
          kind: "on_epoch_end",
          epoch: step,
          logs: '{"loss":1}',
        }),
      );
      const stores = await Promise.all(Array.from({ length: 3 }, () => suite.opened.another()));
      const answers = await Promise.all(
        stores.map((store, writer) => store.append(events.toSorted((a, b) => hash(a.id, writer) - hash(b.id, writer)))),
      );
      for (const { accepted, duplicates, conflicts } of answers)
        expect([accepted + duplicates, conflicts]).toEqual([60, []]);
      const found = await suite.settled(project, 60);
      expect(found.map(({ step }) => step).toSorted((a, b) => Number(a) - Number(b))).toEqual(
        events.map(({ step }) => step),
      );
      expect((await suite.store.run(project, "run"))?.summary).toMatchObject([{ metric: "loss", points: 60 }]);
      await Promise.all(stores.map((store) => store.close()));
    });

    test("a body that is not the first one's is a conflict for all but one of those who come at once", async () => {
      const project = suite.project("contested");
      const bodies = Array.from({ length: 10 }, (_, step) => sampleEvent({ project, id: "contested", step }));
      const answers = await Promise.all(bodies.map((event) => suite.store.append([event])));
      expect(answers.filter(({ accepted }) => accepted === 1).length).toBe(1);
      expect(answers.filter(({ conflicts }) => conflicts[0] === "contested").length).toBe(9);
    });

    test("contested by several processes at once, one body stays, and none is told otherwise for long", async () => {
      const project = suite.project("contested");
      const stores = await Promise.all(Array.from({ length: 4 }, () => suite.opened.another()));
      const bodies = stores.map((_, step) => sampleEvent({ project, id: "contested", step }));
      const append = () => Promise.all(stores.map((store, index) => store.append([bodies[index]!])));
      for (const answer of await append()) expect(answer.accepted + answer.conflicts.length).toBe(1);
      const [stayed] = await suite.settled(project, 1);
      const again = await append();
      expect(again.map(answered)).toEqual(
        bodies.map(({ step }) => (step === stayed?.step ? [0, 1, []] : [0, 0, ["contested"]])),
      );
      await Promise.all(stores.map((store) => store.close()));
    });

    test("though the line breaks after the database did its work, at whatever step", async ({ skip }) => {
      const { line } = suite.opened;
      if (line === undefined) return skip("there is no line that could break");
      const project = suite.project("ambiguous");
      let sent = 0;
      for (const step of [0, 1, 2, 3, 4]) {
        const events = ["a", "b"].map((id) => sampleEvent({ project, id: `${id}${step}`, step }));
        const before = line.cuts;
        line.cutReply(step);
        const { accepted, duplicates, conflicts } = await suite.store.append(events);
        sent += events.length;
        expect([accepted + duplicates, conflicts]).toEqual([2, []]);
        // Reading on takes what is left of the count.
        await expect.poll(async () => (await suite.read(project)).length && line.cuts).toBe(before + 1);
        expect((await suite.settled(project, sent)).map(({ event_id }) => event_id).slice(-2)).toEqual([
          `a${step}`,
          `b${step}`,
        ]);
      }
    });

    test("though two writers in a race put it into the log twice", async ({ skip }) => {
      const { force } = suite.opened;
      if (force === undefined) return skip("the database forbids it");
      const project = suite.project("race");
      const event = (id: string, logs: string) =>
        sampleEvent({ project, id, kind: "on_epoch_end", epoch: 0, seq: 1, createdAt: 1, logs });
      await force([[event("a", '{"loss":1}')], [event("b", '{"acc":1}')]]);
      await force([[event("a", '{"loss":1}')], [event("b", '{"acc":2}')]]);
      expect((await suite.settled(project, 2)).map(({ logs }) => logs)).toEqual([{ loss: 1 }, { acc: 1 }]);
      expect((await suite.store.run(project, "run"))?.summary).toMatchObject([
        { metric: "acc", points: 1, last: 1 },
        { metric: "loss", points: 1 },
      ]);
      const query = { project, runs: ["run"], metrics: ["loss", "acc"], x: "epoch" as const, points: 10 };
      expect((await suite.store.series(query)).series.map(({ metric, total, y }) => [metric, total, y])).toEqual([
        ["loss", 1, [1]],
        ["acc", 1, [1]],
      ]);
      expect(answered(await suite.store.append([event("a", '{"loss":1}'), event("b", '{"acc":2}')]))).toEqual([
        0,
        1,
        ["b"],
      ]);
    });
  });
}

function hash(text: string, salt: number): number {
  let sum = salt;
  for (const letter of text) sum = (sum * 31 + letter.charCodeAt(0)) % 1_000_003;
  return (sum * 7919) % 10_007;
}
