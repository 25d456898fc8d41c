-- What people ask of a running box: files and terminals. A replica writes a request, the box fetches it over whatever replica it reaches, and its
-- answer is read by the one that waits. Not logged: a request is worth seconds, and after a crash nobody waits for it.
create unlogged table box_calls (
  id            uuid primary key,
  workspace_id  uuid not null,
  boot_id       uuid not null,
  -- Null once the box has it.
  request       text,
  reply         text,
  created_at    timestamptz not null
);
create index box_calls_age on box_calls (created_at);

-- Those who may do everything may look into boxes too.
update tokens set scopes = scopes || array['files:read', 'files:write', 'terminal:use']
where revoked_at is null and 'secrets:write' = any (scopes) and not 'files:read' = any (scopes) and kind in ('owner', 'session');
