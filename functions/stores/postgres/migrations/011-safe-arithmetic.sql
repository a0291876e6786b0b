-- The arithmetic of custom metrics (custom-metrics.ts): one that divides by nothing, or takes a logarithm of it, has no
-- value there, as an error would spoil custom_metrics for all who read it. Views have these where they are made with
-- this schema before pg_catalog; for everybody else pg_catalog comes first, and nothing changes.
DO $$
DECLARE
  numbers oid[] := ARRAY['smallint', 'integer', 'bigint', 'real', 'double precision', 'numeric']::regtype[]::oid[];
  one record;
BEGIN
  FOR one IN
    SELECT
      o.oprname AS sign, CASE o.oprname WHEN '/' THEN 'quotient' ELSE 'remainder' END AS name,
      format_type(o.oprleft, NULL) AS a, format_type(o.oprright, NULL) AS b, format_type(o.oprresult, NULL) AS result
    FROM pg_operator o
    WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprname IN ('/', '%')
      AND o.oprleft = ANY (numbers) AND o.oprright = ANY (numbers)
  LOOP
    EXECUTE format(
      'CREATE FUNCTION integraviz.%I(a %s, b %s) RETURNS %s LANGUAGE sql IMMUTABLE PARALLEL SAFE
       RETURN CASE WHEN b <> 0 THEN a OPERATOR(pg_catalog.%s) b END',
      one.name, one.a, one.b, one.result, one.sign
    );
    EXECUTE format(
      'CREATE OPERATOR integraviz.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = integraviz.%I)',
      one.sign, one.a, one.b, one.name
    );
  END LOOP;
  FOR one IN
    SELECT
      p.proname AS name, format_type(p.proargtypes[0], NULL) AS a, format_type(p.prorettype, NULL) AS result,
      CASE p.proname WHEN 'sqrt' THEN '>=' ELSE '>' END AS bound
    FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname IN ('ln', 'log', 'log10', 'sqrt')
      AND p.pronargs = 1 AND p.proargtypes[0] = ANY (numbers)
  LOOP
    EXECUTE format(
      'CREATE FUNCTION integraviz.%I(a %s) RETURNS %s LANGUAGE sql IMMUTABLE PARALLEL SAFE
       RETURN CASE WHEN a %s 0 THEN pg_catalog.%I(a) END',
      one.name, one.a, one.result, one.bound, one.name
    );
  END LOOP;
END $$;
