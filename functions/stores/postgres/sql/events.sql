-- Events of @project after @after and below the horizon, of the @runs or of all where that is null,
-- at most @limit, and no more once their logs come to @bytes.
SELECT * FROM events_page(@project, @after, @end, @runs, @limit, @bytes)
