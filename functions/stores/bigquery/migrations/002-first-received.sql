-- Of events that were copied from another store: when that one received them. received_at is this log's own order.
ALTER TABLE integraviz_events.events ADD COLUMN IF NOT EXISTS first_received_at TIMESTAMP;
