import { describe, expect, test } from "vitest";
import type { SuiteApi } from "./api.ts";

interface Page {
  runs: { run: string; state: string }[];
  next: string | null;
  cursor: string;
}

export function runsTests(api: SuiteApi): void {
  describe("the list of runs", () => {
    const list = (project: string, query = "") =>
      api.json<Page>(`/v1/runs?project=${project}${query}`, { token: api.reader });
    const names = ({ runs }: Page) => runs.map(({ run }) => run);
    const project = async () => {
      const name = api.fresh("list");
      const begin = (run: string, second: number, tags: object) => [
        { run_id: run, project: name, kind: "on_train_begin", created_at: `2026-01-31T12:00:0${second}Z` },
        { run_id: run, project: name, kind: "tags", logs: tags },
      ];
      await api.send(begin("b", 3, { name: "Middle" }));
      await api.send(begin("a", 1, { name: "zeta", archived: true }));
      await api.send(begin("c", 2, { name: "Alpha 100%" }));
      await api.send({ run_id: "c", project: name, kind: "on_train_end", logs: { status: "failed" } });
      return name;
    };

    test("sorted", async () => {
      const name = await project();
      expect(names(await list(name))).toEqual(["b", "c", "a"]);
      expect(names(await list(name, "&sort=-started_at"))).toEqual(["b", "c", "a"]);
      expect(names(await list(name, "&sort=started_at"))).toEqual(["a", "c", "b"]);
      expect(names(await list(name, "&sort=name"))).toEqual(["c", "b", "a"]);
      expect(names(await list(name, "&sort=-last_event_at"))).toEqual(["c", "a", "b"]);
    });

    test("filtered", async () => {
      const name = await project();
      expect(names(await list(name, "&state=failed"))).toEqual(["c"]);
      expect(names(await list(name, "&state=running"))).toEqual(["b", "a"]);
      expect(names(await list(name, "&archived=true"))).toEqual(["a"]);
      expect(names(await list(name, "&archived=false"))).toEqual(["b", "c"]);
      expect(names(await list(name, "&text=MIDD"))).toEqual(["b"]);
      expect(names(await list(name, "&text=c"))).toEqual(["c"]);
      expect(names(await list(name, "&text=%25"))).toEqual(["c"]);
      expect(names(await list(name, "&text=_"))).toEqual([]);
      expect(names(await list(name, "&text='%3B--"))).toEqual([]);
      expect(names(await list(name, "&text=a&archived=true&state=running"))).toEqual(["a"]);
    });

    test("in pages, each run once", async () => {
      const name = await project();
      const seen: string[] = [];
      let page: string | null = "0";
      while (page !== null) {
        const part: Page = await list(name, `&limit=1&page=${page}`);
        expect(part.runs.length).toBe(1);
        seen.push(...names(part));
        page = part.next;
      }
      expect(seen).toEqual(["b", "c", "a"]);
      expect((await list(name, "&limit=3")).next).toBeNull();
      expect(names(await list(name, "&page=99"))).toEqual([]);
    });

    test("a run of steps alone says what they measured; one with epochs says what those did", async () => {
      const project = api.fresh("steps");
      const step = (run_id: string, n: number) => ({
        ...{ project, run_id, kind: "on_train_batch_end", step: n },
        logs: { loss: n },
      });
      await api.send([step("by-steps", 1), step("by-steps", 2), step("by-epochs", 1)]);
      await api.send({ project, run_id: "by-epochs", kind: "on_epoch_end", epoch: 0, logs: { loss: 5 } });
      await api.send({ project, run_id: "without", kind: "on_train_begin" });
      const { runs } = await api.json<{ runs: { run: string; summary: object[] }[] }>(
        `/v1/runs?project=${project}&sort=name`,
        { token: api.reader },
      );
      expect(runs).toMatchObject([
        { run: "by-epochs", summary: [{ level: "epoch", last: 5 }] },
        { run: "by-steps", summary: [{ level: "batch", points: 2, last: 2 }] },
        { run: "without", summary: [] },
      ]);
    });

    test("of a project without any is empty", async () => {
      expect(await list(api.fresh("empty"))).toMatchObject({
        runs: [],
        next: null,
        cursor: expect.stringMatching(/^\d+$/),
      });
    });

    test("its cursor is where the stream goes on: nothing in between is lost", async () => {
      const name = await project();
      const { cursor } = await list(name);
      await api.send({ run_id: "b", project: name, kind: "k", event_id: "later" });
      const after = async () => {
        const page = await api.store.events({ project: name, after: cursor, limit: 100 });
        return page.events.map(({ event_id }) => event_id);
      };
      await expect.poll(after).toContain("later");
    });

    test.each([
      ["sort=started", "sort"],
      ["state=done", "state"],
      ["archived=1", "archived"],
      ["limit=0", "limit"],
      ["limit=1001", "limit"],
      ["limit=ten", "limit"],
      ["limit=1&limit=2", "limit"],
      ["page=x", "page"],
      ["page=-1", "page"],
      ["text=", "text"],
      ["text=%00", "text"],
      [`text=${"x".repeat(251)}`, "text"],
      ["project=", "project"],
    ])("?%s is refused at %s", async (query, field) => {
      expect(await api.problem(`/v1/runs?${query}`, 400, { token: api.reader })).toMatchObject({ field });
    });
  });

  describe("runs of any name", () => {
    test.for([
      "a/b",
      "a b",
      "é😀",
      "it's",
      '"q"',
      "%41",
      "a?b#c",
      "..%2f",
      "a\\b",
      "__proto__",
      "{x}",
      "x".repeat(250),
    ])("%s", async (name, { skip }) => {
      skip(api.decodesPaths && /[/?]/.test(name), "the front decodes paths");
      const project = api.fresh("names");
      await api.send({ run_id: name, project, kind: "on_train_begin", logs: {} });
      expect(await api.run(name, project)).toMatchObject({ run: name, name, state: "running" });
    });

    test.each(["%00", "a%00b", "%0A"])("but not %s", async (name) => {
      for (const path of [`/v1/runs/${name}`, `/v1/runs/${name}/control`]) {
        const token = await api.token();
        expect(await api.problem(path, 400, { token })).toMatchObject({ field: "run" });
      }
    });
  });
}
