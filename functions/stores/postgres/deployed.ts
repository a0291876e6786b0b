import type { DeployedStore } from "../deployed.ts";
import { addressOf } from "./login.ts";
import { openPostgresStore } from "./postgres.ts";

export const store: DeployedStore = {
  isControlCheap: true,
  open: ({ writer, reader }) =>
    openPostgresStore({
      writerUrl: addressOf(writer, "INTEGRAVIZ_STORE"),
      readerUrl: addressOf(reader, "INTEGRAVIZ_READER"),
      onLoss: (error) => console.warn(`A connection to PostgreSQL broke: ${error.message}`),
    }),
};
