-- Says of append :1 that it begins, or that it is done (:2).
INSERT INTO appends (append_id, pos, done)
SELECT :1, (DATE_PART(EPOCH_MILLISECOND, CURRENT_TIMESTAMP()) - 1577836800000) * 4194304, :2
