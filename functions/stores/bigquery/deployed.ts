import type { DeployedStore } from "../deployed.ts";
import { openBigqueryStore } from "./bigquery.ts";
import { bigqueryLogin } from "./login.ts";

export const store: DeployedStore = {
  isControlCheap: false,
  open: ({ writer, reader }) =>
    openBigqueryStore({
      writer: bigqueryLogin(writer, "INTEGRAVIZ_STORE"),
      reader: bigqueryLogin(reader, "INTEGRAVIZ_READER"),
    }),
};
