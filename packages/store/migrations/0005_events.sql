-- The reader that follows the whole outbox looks after every commit and once a second: without the org in front, an older server than 18 would sort the table.
create index events_position on events (xid, id);
