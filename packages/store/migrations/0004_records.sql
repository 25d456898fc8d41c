-- What is on record: proofs and the nonces they are witnessed by, boot events, the audit log.

create table proof_nonces (
  hash          bytea primary key check (length(hash) = 32),
  workspace_id  uuid not null references workspaces,
  boot_id       uuid not null,
  server        text not null,
  expires_at    timestamptz not null,
  used_at       timestamptz
);
create index proof_nonces_workspace on proof_nonces (workspace_id);

-- The proof ladder of the present boot, one row per server and rung.
create table proofs (
  workspace_id  uuid not null references workspaces,
  boot_id       uuid not null,
  server        text not null,
  rung          text not null check (rung in ('declared', 'delivered', 'rendered', 'parsed', 'live', 'used')),
  ok            boolean not null,
  -- True when the control plane saw it itself; a box cannot write such a row.
  witnessed     boolean not null default false,
  reason        text,
  evidence      jsonb not null default '{}',
  duration_ms   double precision,
  at            timestamptz not null default now(),
  primary key (workspace_id, boot_id, server, rung)
);

create table boot_events (
  workspace_id  uuid not null references workspaces,
  boot_id       uuid not null,
  seq           int not null check (seq >= 0),
  step          text not null,
  ok            boolean not null,
  at            timestamptz not null,
  duration_ms   double precision,
  code          text,
  message       text not null,
  next_step     text,
  detail        jsonb not null default '{}',
  received_at   timestamptz not null default now(),
  primary key (workspace_id, boot_id, seq)
);

-- Append-only and hash-chained: each row's hash covers the hash before it.
create table audit (
  org_id     uuid not null references orgs,
  seq        bigint not null check (seq > 0),
  at         timestamptz not null,
  actor      text not null,
  action     text not null,
  target     text,
  data       jsonb not null default '{}',
  prev_hash  bytea not null check (length(prev_hash) = 32),
  hash       bytea not null check (length(hash) = 32),
  primary key (org_id, seq)
);
create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only' using errcode = 'check_violation', constraint = 'audit_append_only';
end $$;
create trigger audit_append_only before update or delete or truncate on audit for each statement execute function audit_is_append_only();
