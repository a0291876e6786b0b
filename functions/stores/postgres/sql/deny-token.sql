-- Takes @jti back, in the name of @actor.
INSERT INTO denied_tokens (jti, actor) VALUES (@jti, @actor) ON CONFLICT DO NOTHING
