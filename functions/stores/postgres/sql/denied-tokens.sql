-- Every token that was taken back.
SELECT jti FROM denied_tokens
