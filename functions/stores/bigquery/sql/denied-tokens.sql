-- Ids of the tokens that are no longer good. The table is small and has no partitions.
SELECT DISTINCT jti FROM integraviz_events.denied_tokens
