-- A number with an exponent is a double in a VARIANT, which is printed with fewer digits than it has. So the text of the
-- logs is kept beside them, and of events with metrics each number as {key, text}. Rows without them are of
-- a test server: before this, an insert was one that Snowflake refuses.
ALTER TABLE events ADD COLUMN IF NOT EXISTS logs_text VARCHAR;
ALTER TABLE events ADD COLUMN IF NOT EXISTS numbers VARIANT;
