DROP ROLE "integraviz_user_left";
CREATE ROLE "integraviz_user_ada" LOGIN;
CREATE ROLE "integraviz_user_root" LOGIN;
GRANT integraviz_project_reader TO "integraviz_user_ada";
REVOKE integraviz_reader FROM "integraviz_user_ada";
ALTER ROLE "integraviz_user_ada" SET search_path = integraviz_projects, integraviz;
ALTER ROLE "integraviz_user_ada" SET default_transaction_read_only = off;
ALTER ROLE "integraviz_user_ada" CONNECTION LIMIT 8;
ALTER ROLE "integraviz_user_ada" SET statement_timeout = '60s';
ALTER ROLE "integraviz_user_ada" SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE "integraviz_user_ada" SET lock_timeout = '10s';
ALTER ROLE "integraviz_user_ada" SET enable_seqscan = off;
GRANT integraviz_project_reader TO "integraviz_user_grace";
REVOKE integraviz_reader FROM "integraviz_user_grace";
ALTER ROLE "integraviz_user_grace" SET search_path = integraviz_projects, integraviz;
ALTER ROLE "integraviz_user_grace" SET default_transaction_read_only = on;
ALTER ROLE "integraviz_user_grace" CONNECTION LIMIT 8;
ALTER ROLE "integraviz_user_grace" SET statement_timeout = '60s';
ALTER ROLE "integraviz_user_grace" SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE "integraviz_user_grace" SET lock_timeout = '10s';
ALTER ROLE "integraviz_user_grace" SET enable_seqscan = off;
GRANT integraviz_reader TO "integraviz_user_root";
REVOKE integraviz_project_reader FROM "integraviz_user_root";
ALTER ROLE "integraviz_user_root" SET search_path = integraviz;
ALTER ROLE "integraviz_user_root" SET default_transaction_read_only = off;
ALTER ROLE "integraviz_user_root" CONNECTION LIMIT 8;
ALTER ROLE "integraviz_user_root" SET statement_timeout = '60s';
ALTER ROLE "integraviz_user_root" SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE "integraviz_user_root" SET lock_timeout = '10s';
ALTER ROLE "integraviz_user_root" SET enable_seqscan = on;
DELETE FROM integraviz.project_access WHERE login LIKE 'integraviz\_user\_%';
INSERT INTO integraviz.project_access (login, project, control) VALUES
  ('integraviz_user_ada', 'mnist', true),
  ('integraviz_user_ada', 'cifar-10', false),
  ('integraviz_user_ada', 'voices', true),
  ('integraviz_user_grace', 'mnist', false),
  ('integraviz_user_grace', 'cifar-10', false),
  ('integraviz_user_root', '*', true);
