-- Until the steps that are run again have made the whole of it, windows go into no line: sealing goes on.
CREATE OR REPLACE FUNCTION extend_lines(of_project text, of_run text) RETURNS void LANGUAGE sql AS 'SELECT';
