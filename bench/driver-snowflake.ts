import snowflake from "snowflake-sdk";

snowflake.configure({ logLevel: "OFF", additionalLogToConsole: false });

/** The plain driver alone: logs in and inserts one row. What any function on Snowflake has to pay. */
export async function handler({ login }: { login: snowflake.ConnectionOptions }): Promise<void> {
  const connection = snowflake.createConnection({ ...login, authenticator: "SNOWFLAKE_JWT" });
  await new Promise<void>((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()));
  });
  await new Promise<void>((resolve, reject) => {
    connection.execute({
      sqlText: "INSERT INTO denied_tokens (jti, actor, denied_at) SELECT 'bare', 'bench', CURRENT_TIMESTAMP()",
      complete: (error) => (error ? reject(error) : resolve()),
    });
  });
}
