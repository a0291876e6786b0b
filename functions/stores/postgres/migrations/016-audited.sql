-- Events that say who, which are few: `audit` finds them without the others.
CREATE INDEX events_audited ON events (project, run_id, pos) WHERE actor IS NOT NULL;
