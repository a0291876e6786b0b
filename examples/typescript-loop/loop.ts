/** Fits y = 3x + 1 by gradient descent, and sends what happens while it happens. */
import { readFileSync } from "node:fs";
import { connect } from "integraviz/client";

const EPOCHS = 20;
const BATCHES = 10;
const LEARNING_RATE = 0.1;

// What `integraviz start` writes; the url and token of a deployed stack are the same to the client.
const { url, token } = JSON.parse(readFileSync(".integraviz/endpoint.json", "utf8"));
const client = connect({ url, token });
const run = client.run({ name: "a line", params: { learning_rate: LEARNING_RATE, epochs: EPOCHS } });

let [slope, offset] = [0, 0];

/** One step on 32 random points; returns the mean squared error before it. */
function trainBatch(): number {
  const xs = Array.from({ length: 32 }, () => Math.random() * 2 - 1);
  const errors = xs.map((x) => slope * x + offset - (3 * x + 1));
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  slope -= LEARNING_RATE * 2 * mean(errors.map((error, i) => error * (xs[i] ?? 0)));
  offset -= LEARNING_RATE * 2 * mean(errors);
  return mean(errors.map((error) => error ** 2));
}

run.begin();
for (let epoch = 0; epoch < EPOCHS && run.stopRequested === null; epoch++) {
  let loss = 0;
  for (let batch = 0; batch < BATCHES && run.stopRequested === null; batch++) {
    loss = trainBatch();
    run.batchEnd({ epoch, batch, step: epoch * BATCHES + batch }, { loss });
    // Lets events out, and a stop in: the loop and the network share one thread.
    await client.breathe();
  }
  run.epochEnd({ epoch }, { loss, slope, offset });
}
const { undelivered } = await run.end({ status: run.stopRequested === null ? "finished" : "stopped" });
console.log(`run ${run.id}: y = ${slope.toFixed(2)}x + ${offset.toFixed(2)}, ${undelivered} events undelivered`);
