-- Goes on with the lines of @run of @project.
SELECT extend_lines(@project, @run)
