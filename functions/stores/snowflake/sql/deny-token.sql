-- Takes token :1 back, in the name of :2.
INSERT INTO denied_tokens (jti, actor, denied_at)
SELECT :1, :2, SYSDATE()
