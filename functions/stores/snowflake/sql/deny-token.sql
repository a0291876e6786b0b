-- Takes @jti back, in the name of @actor.
INSERT INTO denied_tokens (jti, actor, denied_at)
SELECT @jti, @actor, SYSDATE()
