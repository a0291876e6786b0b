-- Every token that was taken back. Unchanged since it was last asked, it is answered without a warehouse.
SELECT DISTINCT jti AS "jti" FROM denied_tokens
