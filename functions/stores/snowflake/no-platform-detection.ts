/**
 * To be imported before the driver (snowflake-sdk, telemetry/platform_detection). Left to itself it
 * asks addresses of three clouds where it runs, has the first login wait for the answers (200 ms
 * where there are none) and tells Snowflake.
 */
process.env.SNOWFLAKE_DISABLE_PLATFORM_DETECTION ??= "true";
