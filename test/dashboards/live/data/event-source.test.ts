import { expect, test } from "vitest";
import { openSource } from "../../../../dashboards/live/data/event-source.ts";

const streamOf = (...parts: string[]) =>
  new Response(
    new ReadableStream({
      start(controller) {
        for (const part of parts) controller.enqueue(new TextEncoder().encode(part));
      },
    }),
  );

/** What arrives of a stream until a message says "end". */
async function received(...parts: string[]): Promise<string[]> {
  const texts: string[] = [];
  const source = openSource(async () => streamOf(...parts, "data: end\n\n"));
  await new Promise<void>((resolve) =>
    source.on("message", ({ data }) => {
      if (data === "end") resolve();
      else texts.push(data);
    }),
  );
  source.close();
  return texts;
}

test.each(["x\u2028y", "x\u2029y", "x\u0085y", "x\ry"])("%j is no end of a line", async (text) => {
  const data = JSON.stringify({ text });
  expect(await received(`id: 1\ndata: ${data}\n\n`)).toEqual([data]);
});

test("lines of data are joined, and a message may come in parts", async () => {
  expect(await received("data: a\nda", "ta: b\n", "\n")).toEqual(["a\nb"]);
});
