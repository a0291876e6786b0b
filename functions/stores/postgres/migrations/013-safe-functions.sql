-- As 011-safe-arithmetic.sql, for what overflows, underflows or is defined for some numbers only: of which ones, trying
-- tells. Trying is not for parallel workers before PostgreSQL 17, so these are not marked as safe for them.
DO $$
DECLARE
  numbers oid[] := ARRAY['smallint', 'integer', 'bigint', 'real', 'double precision', 'numeric']::regtype[]::oid[];
  one record;
BEGIN
  FOR one IN
    SELECT
      p.proname AS name, format_type(p.proargtypes[0], NULL) AS a, format_type(p.proargtypes[1], NULL) AS b,
      format_type(p.prorettype, NULL) AS result
    FROM pg_proc p
    WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proargtypes::oid[] <@ numbers AND (
      p.pronargs = 1 AND p.proname IN ('exp', 'cosh', 'sinh', 'acos', 'asin', 'acosh', 'atanh', 'degrees', 'radians')
      OR p.pronargs = 2 AND p.proname IN ('power', 'pow', 'mod', 'div', 'log')
    )
  LOOP
    EXECUTE format(
      'CREATE FUNCTION integraviz.%1$I(%2$s) RETURNS %3$s LANGUAGE plpgsql IMMUTABLE STRICT AS $f$
       BEGIN
         RETURN pg_catalog.%1$I(%4$s);
       EXCEPTION WHEN data_exception THEN RETURN NULL;
       END $f$',
      one.name, concat_ws(', ', 'a ' || one.a, 'b ' || one.b), one.result, concat_ws(', ', 'a', 'b' || left(one.b, 0))
    );
  END LOOP;
  FOR one IN
    SELECT format_type(o.oprleft, NULL) AS type FROM pg_operator o
    WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprname = '^' AND o.oprleft = ANY (numbers) AND o.oprright = o.oprleft
  LOOP
    EXECUTE format('CREATE OPERATOR integraviz.^ (LEFTARG = %1$s, RIGHTARG = %1$s, FUNCTION = integraviz.power)', one.type);
  END LOOP;
END $$;
