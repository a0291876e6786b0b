import type { DeployedStore } from "../deployed.ts";
import { snowflakeLogin } from "./login.ts";
import { openSnowflakeStore } from "./snowflake.ts";

export const store: DeployedStore = {
  isControlCheap: false,
  open: ({ writer, reader }) =>
    openSnowflakeStore({
      writer: snowflakeLogin(writer, "INTEGRAVIZ_STORE"),
      reader: snowflakeLogin(reader, "INTEGRAVIZ_READER"),
      onLoss: (error) => console.warn(`A connection to Snowflake broke: ${error.message}`),
    }),
};
