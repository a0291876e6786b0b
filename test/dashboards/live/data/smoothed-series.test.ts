import { describe, expect, test } from "vitest";
import { type LineSettings, linesOf } from "../../../../dashboards/live/charts/lines.ts";
import { createSeriesStore, type SeriesShape } from "../../../../dashboards/live/data/series-store.ts";
import { shaped } from "../../../../functions/stores/shaped-series.ts";
import { createSmoother } from "../../../../functions/stores/smoothing.ts";
import type { Series } from "../../../../functions/stores/store.ts";
import { spiky } from "../../../functions/stores/spiky.ts";
import { runOf, streamedEvent } from "./events.ts";

const COUNT = 20_000;
const settings: LineSettings = { x: "step", smoothing: 0, splits: "all", groupBy: null, band: "std" };

/** As the API gives a run's series, of the points from..to-1. */
function seriesOf(run: string, seed: number, to: number, shape: SeriesShape): Series {
  const steps = Array.from({ length: to }, (_, step) => step);
  const raw = { x: Float64Array.from(steps), y: Float64Array.from(steps, (step) => spiky(step, seed)) };
  const thinned = shaped(raw, { x: "step", points: 500, ...shape });
  return { run, metric: "loss", split: "train", level: "batch", ...thinned };
}

const streamed = (run: string, seed: number, step: number) =>
  streamedEvent({ run, kind: "on_train_batch_end", step, logs: { loss: spiky(step, seed) } });

const bound = 0.005 * 12.5;

describe("what charts draw of more points than they are given", () => {
  test.each([0.6, 0.9, 0.99])("is the smoothed line of all points, the streamed ones too: weight %f", (smoothing) => {
    const store = createSeriesStore(500);
    store.replace("step", [seriesOf("a", 0, COUNT - 2_000, { smoothing })], { smoothing });
    for (let step = COUNT - 2_000; step < COUNT; step++) store.append(streamed("a", 0, step), () => true);
    const exact = Array.from({ length: COUNT }, (_, step) => spiky(step)).map(createSmoother(smoothing));
    const [line] = linesOf("loss", [runOf({ run: "a" })], store, { ...settings, smoothing });
    expect(line!.points.length).toBeGreaterThan(400);
    for (const [x, y] of line!.points) expect(Math.abs(y! - exact[x]!)).toBeLessThan(bound);
  });

  test.each([0, 0.9])("is the mean of a group's runs, smoothed by %f", (smoothing) => {
    const store = createSeriesStore(500);
    const shape = { means: true, smoothing };
    const lengths = { a: COUNT, b: COUNT / 4 };
    store.replace("step", [seriesOf("a", 1, COUNT - 2_000, shape), seriesOf("b", 2, COUNT / 4, shape)], shape);
    for (let step = COUNT - 2_000; step < COUNT; step++) store.append(streamed("a", 1, step), () => true);
    const width = Math.max(...["a", "b"].map((run) => store.of(run, "loss", "train", "batch")[0]!.width!));
    const of = (seed: number, count: number) => {
      const values = Array.from({ length: count }, (_, step) => spiky(step, seed));
      return smoothing === 0 ? values : values.map(createSmoother(smoothing));
    };
    const exact = [of(1, lengths.a), of(2, lengths.b)];
    const runs = ["a", "b"].map((run) => runOf({ run, params: { lr: 1 } }));
    const [line] = linesOf("loss", runs, store, { ...settings, groupBy: "lr", smoothing });
    expect(line!.points.length).toBeGreaterThan(200);
    for (const [x, y] of line!.points) {
      const begin = x - (width - 1) / 2;
      const means = exact
        .map((values) => values.slice(begin, begin + width))
        .filter((own) => own.length > 0)
        .map((own) => own.reduce((sum, value) => sum + value / own.length, 0));
      const mean = means.reduce((sum, value) => sum + value / means.length, 0);
      expect(Math.abs(y! - mean)).toBeLessThan(bound);
    }
  });

  test("a resumed run's line goes on where it was resumed", () => {
    const store = createSeriesStore(500);
    store.replace("epoch", []);
    for (const [at, epoch] of [0, 1, 2, 3, 2].entries())
      store.append(streamedEvent({ epoch, logs: { loss: at } }), () => true);
    const { x, y, total } = store.of("a", "loss", "train", "epoch")[0]!;
    expect([x, y, total]).toEqual([[0, 1, 2], [0, 1, 4], 3]);
  });
});
