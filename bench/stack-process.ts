import { openDataFolder } from "../embedded/data-folder.ts";
import { startStack } from "../embedded/stack.ts";

/** The embedded stack in the folder that the first argument names, until SIGTERM; with --no-sealing all stays in the log. */
const data = process.argv[2] as string;
const stack = await startStack({ data, port: 0, seals: !process.argv.includes("--no-sealing") });
process.on("SIGTERM", async () => {
  await stack.stop();
  process.exit(0);
});
const writer = new URL(stack.endpoint.sql);
writer.username = "integraviz_writer";
writer.password = openDataFolder(data).secrets.writer;
process.send?.({ endpoint: stack.endpoint, writerUrl: String(writer), database: stack.databasePid() });
