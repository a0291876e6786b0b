/**
 * The TypeScript client: what happens in a training run, sent while it happens.
 *
 *     import { connect } from "integraviz/client";
 *
 *     const client = connect({ url, token });
 *     const run = client.run({ name: "baseline", params: { learning_rate: 0.001 } });
 *     run.begin();
 *     for (let step = 0; step < steps && run.stopRequested === null; step++) {
 *       run.batchEnd({ epoch: 0, batch: step, step }, { loss: train(step) });
 *       await client.breathe();
 *     }
 *     await run.end({ status: run.stopRequested ? "stopped" : "finished" });
 *
 * @module
 */
export { connect } from "./client.ts";
export type * from "./client-api.ts";
export { DEFAULTS } from "./defaults.ts";
