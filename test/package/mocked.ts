/**
 * `node --import tsx mocked.ts PROGRAM`: runs somebody's Pulumi program against mocks, and prints what the engine would
 * have been asked to make, and its outputs.
 */
import { pathToFileURL } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import { answerOf, outputsOf } from "../components/cloud-values.ts";
import { PROVIDER_CONFIG } from "../components/deploy.ts";

export interface Mocked {
  made: { type: string; name: string; inputs: Record<string, unknown> }[];
  outputs: Record<string, unknown>;
}

const made: Mocked["made"] = [];
pulumi.runtime.setAllConfig(PROVIDER_CONFIG, []);
await pulumi.runtime.setMocks({
  newResource({ type, name, inputs }) {
    made.push({ type, name, inputs });
    return { id: `${name}-id`, state: outputsOf(type, name, inputs) };
  },
  call: ({ token, inputs }) => answerOf(token, inputs),
});
const outputs: Record<string, unknown> = {};
await pulumi.runtime.runInPulumiStack(async () => {
  Object.assign(outputs, await import(pathToFileURL(process.argv[2] ?? "").href));
  return {};
});
await pulumi.runtime.disconnect();
pulumi.output(outputs).apply((settled) => console.log(JSON.stringify({ made, outputs: settled })));
