-- Says of @append that it begins, or that it is done (@done).
INSERT INTO appends (append_id, pos, done)
SELECT @append, (DATE_PART(EPOCH_MILLISECOND, CURRENT_TIMESTAMP()) - 1577836800000) * 4194304, CAST(@done AS BOOLEAN)
