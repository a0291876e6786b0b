-- Takes token $1 back, in the name of $2.
INSERT INTO denied_tokens (jti, actor) VALUES ($1, $2) ON CONFLICT DO NOTHING
