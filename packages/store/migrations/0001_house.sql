-- The house: orgs, people, tokens, workspaces, plugins, work, events.
-- Illegal states are made impossible here, whatever code path writes (B3, B22, B28). Every id is a UUID version 7 given by the caller.

create table orgs (
  id          uuid primary key,
  name        text not null check (length(name) between 1 and 200),
  created_at  timestamptz not null default now()
);

create table users (
  id          uuid primary key,
  org_id      uuid not null references orgs,
  name        text not null,
  role        text not null check (role in ('owner', 'admin', 'operator', 'viewer')),
  created_at  timestamptz not null default now()
);

create table hosts (
  id                uuid primary key,
  org_id            uuid not null references orgs,
  hostname          text not null,
  pid               int,
  version           text,
  runtimes          jsonb not null default '[]',
  isolation         jsonb not null default '{}',
  connected_at      timestamptz,
  -- Names the one order stream that is in force; a reconnect replaces it. Null = not connected.
  connection_id     uuid,
  last_seen_at      timestamptz
);

create table workspaces (
  id                    uuid primary key,
  org_id                uuid not null references orgs,
  name                  text not null check (length(name) between 1 and 80),
  kind                  text not null default 'workspace' check (kind in ('workspace', 'platform')),
  parent_id             uuid,
  status                text not null default 'provisioning'
                        check (status in ('provisioning', 'booting', 'online', 'degraded', 'failed', 'offline', 'paused', 'hibernated', 'removed')),
  status_reason         text,
  status_message        text,
  status_since          timestamptz not null default now(),
  runtime               text not null check (runtime ~ '^[a-z][a-z0-9-]{1,39}$'),
  template              text,
  role                  text,
  -- provider/model as chosen; null = none was chosen.
  model                 text,
  -- Rises with every change that a box must learn of.
  generation            bigint not null default 1,
  host_id               uuid references hosts,
  -- The present boot; tokens, nonces and leases of other boots are void.
  boot_id               uuid,
  boot_started_at       timestamptz,
  boot_enrolled_at      timestamptz,
  registered_at         timestamptz,
  online_at             timestamptz,
  -- What the box said last, field by field as it said it (tri-state: a missing key is unknown).
  self_report           jsonb not null default '{}',
  runtime_version       text,
  isolation             jsonb,
  signals               jsonb not null default '{}',
  last_heartbeat_at     timestamptz,
  applied_generation    bigint,
  mcp_missing_since     timestamptz,
  last_repair_at        timestamptz,
  created_by            text not null,
  created_at            timestamptz not null default now(),
  removed_at            timestamptz,
  -- The target of the composite keys below: a row elsewhere can pin the kind of its workspace.
  unique (id, kind),
  unique (id, org_id),
  -- The org root has no parent (B3).
  constraint platform_is_root check (kind <> 'platform' or parent_id is null),
  constraint not_own_parent check (parent_id is distinct from id),
  -- A parent lives in the same org.
  constraint parent_in_org foreign key (parent_id, org_id) references workspaces (id, org_id)
);
-- One concierge per org (B3, T14). Removal of a concierge is refused by the trigger below, so no status condition is needed.
create unique index workspaces_one_platform on workspaces (org_id) where kind = 'platform';
create unique index workspaces_name on workspaces (org_id, lower(name)) where status <> 'removed';
create index workspaces_org on workspaces (org_id, id);
create index workspaces_parent on workspaces (parent_id) where parent_id is not null;
create index workspaces_host on workspaces (host_id) where status not in ('removed', 'paused');

-- The kind of a row never changes, and a removed row never comes back (B4, B86).
create function workspaces_guard() returns trigger language plpgsql as $$
begin
  if new.kind <> old.kind then
    raise exception 'the kind of a workspace cannot change' using errcode = 'check_violation', constraint = 'kind_is_fixed';
  end if;
  if old.status = 'removed' and new.status <> 'removed' then
    raise exception 'a removed workspace cannot come back' using errcode = 'check_violation', constraint = 'removed_is_final';
  end if;
  if new.kind = 'platform' and new.status = 'removed' then
    raise exception 'the concierge cannot be removed' using errcode = 'check_violation', constraint = 'concierge_stays';
  end if;
  return new;
end $$;
create trigger workspaces_guard before update on workspaces for each row execute function workspaces_guard();

create table tokens (
  id            uuid primary key,
  org_id        uuid not null references orgs,
  name          text not null,
  kind          text not null check (kind in ('owner', 'person', 'box', 'management', 'host', 'enrolment', 'session', 'sign_in')),
  -- SHA-256 of the whole value; the value itself is never stored.
  hash          bytea not null unique check (length(hash) = 32),
  preview       text not null,
  scopes        text[] not null,
  user_id       uuid references users,
  workspace_id  uuid,
  workspace_kind text,
  boot_id       uuid,
  created_at    timestamptz not null default now(),
  expires_at    timestamptz,
  last_used_at  timestamptz,
  used_at       timestamptz,
  revoked_at    timestamptz,
  foreign key (workspace_id, workspace_kind) references workspaces (id, kind),
  constraint bound_kinds check (kind not in ('box', 'management', 'enrolment') or (workspace_id is not null and boot_id is not null)),
  -- A management token exists only for the concierge (B36, B39): no row for an ordinary workspace can be written at all.
  constraint management_for_platform check ((kind <> 'management' and not ('mcp:management' = any (scopes) and workspace_id is not null)) or workspace_kind = 'platform')
);
create index tokens_workspace on tokens (workspace_id) where workspace_id is not null;

create table plugin_catalog (
  name        text primary key,
  privileged  boolean not null default false,
  -- Sources and digests that identify it whatever name it is given (B29).
  sources     text[] not null default '{}',
  digests     text[] not null default '{}',
  unique (name, privileged)
);
insert into plugin_catalog (name, privileged, sources) values
  ('molecule-platform-mcp', true, array['builtin:molecule-platform-mcp']),
  ('molecule-ai-plugin-molecule-platform-mcp', true, array['builtin:molecule-platform-mcp']);

-- An artifact is an immutable package addressed by the digest of its tree. Its files are in the artifact store.
create table artifacts (
  digest      text primary key check (digest ~ '^sha256:[0-9a-f]{64}$'),
  name        text not null,
  version     text,
  manifest    jsonb not null,
  privileged  boolean not null default false,
  size_bytes  bigint not null check (size_bytes >= 0),
  file_count  int not null check (file_count >= 0),
  created_at  timestamptz not null default now(),
  unique (digest, privileged)
);

-- Desired plugins of a workspace. `privileged` rows need a platform workspace: the composite key pins the kind of the row that is
-- referred to, and the check ties both columns (B23, B28). No trigger, no code: an illegal row has no way to exist.
create table workspace_declared_plugins (
  workspace_id   uuid not null,
  workspace_kind text not null,
  name           text not null check (name ~ '^[a-z0-9][a-z0-9._-]{0,99}$'),
  source         text not null check (source <> ''),
  privileged     boolean not null default false,
  protected      boolean not null default false,
  artifact       text references artifacts,
  resolved       text,
  declared_by    text not null,
  declared_at    timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  primary key (workspace_id, name),
  foreign key (workspace_id, workspace_kind) references workspaces (id, kind),
  constraint declared_privileged_needs_platform check (not privileged or workspace_kind = 'platform'),
  -- Names of the privileged plugin cannot be used for a row that claims to be ordinary.
  constraint declared_privileged_name check (privileged or name not in ('molecule-platform-mcp', 'molecule-ai-plugin-molecule-platform-mcp')),
  foreign key (artifact, privileged) references artifacts (digest, privileged)
);

create table workspace_plugins (
  workspace_id   uuid not null,
  workspace_kind text not null,
  name           text not null check (name ~ '^[a-z0-9][a-z0-9._-]{0,99}$'),
  source         text not null check (source <> ''),
  privileged     boolean not null default false,
  artifact       text not null references artifacts,
  resolved       text not null,
  installed_by   text not null,
  installed_at   timestamptz not null default now(),
  updated_at     timestamptz not null default now(),
  primary key (workspace_id, name),
  foreign key (workspace_id, workspace_kind) references workspaces (id, kind),
  constraint installed_privileged_needs_platform check (not privileged or workspace_kind = 'platform'),
  constraint installed_privileged_name check (privileged or name not in ('molecule-platform-mcp', 'molecule-ai-plugin-molecule-platform-mcp')),
  foreign key (artifact, privileged) references artifacts (digest, privileged)
);

-- Sealed values: AES-256-GCM envelope made by the control plane. An org secret has no workspace.
create table secrets (
  id            uuid primary key,
  org_id        uuid not null references orgs,
  workspace_id  uuid references workspaces,
  name          text not null check (name ~ '^[A-Za-z_][A-Za-z0-9_]{0,127}$'),
  sealed        bytea not null,
  key_id        text not null,
  version       int not null default 1,
  created_by    text not null,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  unique nulls not distinct (org_id, workspace_id, name)
);

create table conversations (
  id            uuid primary key,
  org_id        uuid not null references orgs,
  workspace_id  uuid not null,
  title         text not null default '',
  -- Session of the runtime that the next turn resumes, with the runtime that made it.
  session_id      text,
  session_runtime text,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  foreign key (workspace_id, org_id) references workspaces (id, org_id)
);
create index conversations_workspace on conversations (workspace_id, id);

create table tasks (
  id               uuid primary key,
  org_id           uuid not null references orgs,
  workspace_id     uuid not null,
  conversation_id  uuid references conversations,
  parent_task_id   uuid references tasks,
  -- Makes a repeat of the request that made it harmless.
  idempotency_key  text,
  request_digest   bytea,
  status           text not null default 'queued' check (status in ('queued', 'running', 'completed', 'failed', 'cancelled')),
  prompt           text not null,
  hop              int not null default 0 check (hop between 0 and 64),
  -- Fencing: rises with every lease; a call that names a lower one is refused.
  attempt          int not null default 0,
  max_attempts     int not null default 5 check (max_attempts > 0),
  -- The attempt whose result was accepted; a repeat of that result gets the same answer.
  result_attempt   int,
  boot_id          uuid,
  lease_until      timestamptz,
  cancel_requested_at timestamptz,
  deadline_at      timestamptz,
  events_seen      int not null default 0,
  result           text,
  failure          text,
  failure_message  text,
  usage            jsonb,
  created_by       text not null,
  created_at       timestamptz not null default now(),
  started_at       timestamptz,
  ended_at         timestamptz,
  foreign key (workspace_id, org_id) references workspaces (id, org_id),
  constraint running_has_lease check (status <> 'running' or (boot_id is not null and lease_until is not null)),
  constraint ended_has_time check ((status in ('completed', 'failed', 'cancelled')) = (ended_at is not null)),
  constraint failed_has_code check (status <> 'failed' or failure is not null)
);
-- A workspace works on one task at a time: the agent's tool calls belong to exactly one task.
create unique index tasks_one_running on tasks (workspace_id) where status = 'running';
create unique index tasks_idempotency on tasks (workspace_id, idempotency_key) where idempotency_key is not null;
create index tasks_queue on tasks (workspace_id, id) where status = 'queued';
create index tasks_leases on tasks (lease_until) where status = 'running';
create index tasks_list on tasks (workspace_id, id);

create table messages (
  id               uuid primary key,
  org_id           uuid not null references orgs,
  workspace_id     uuid not null,
  conversation_id  uuid not null references conversations,
  role             text not null check (role in ('user', 'agent', 'system')),
  status           text not null check (status in ('complete', 'pending', 'failed')),
  text             text not null default '',
  parts            jsonb not null default '[]',
  task_id          uuid references tasks,
  created_by       text not null,
  created_at       timestamptz not null default now(),
  foreign key (workspace_id, org_id) references workspaces (id, org_id)
);
create index messages_conversation on messages (conversation_id, id);
-- One question and one answer per task: a repeated result cannot answer twice.
create unique index messages_task_role on messages (task_id, role) where task_id is not null;

-- What an agent's tool calls did within a task. A repeated attempt finds the earlier effect instead of causing it again.
create table tool_effects (
  task_id      uuid not null references tasks,
  tool         text not null,
  args_digest  bytea not null check (length(args_digest) = 32),
  -- n-th call with the same arguments within one attempt.
  occurrence   int not null check (occurrence >= 0),
  attempt      int not null,
  result       jsonb not null,
  at           timestamptz not null default now(),
  primary key (task_id, tool, args_digest, occurrence)
);

-- Outbox. Ids are given out before commit, so a reader goes by (xid, id) and stops below the oldest transaction in progress: nothing is
-- skipped and nothing comes late. Woken by NOTIFY molecule_events, which carries only the org id.
create table events (
  id               bigint generated always as identity primary key,
  xid              xid8 not null default pg_current_xact_id(),
  org_id           uuid not null references orgs,
  workspace_id     uuid,
  conversation_id  uuid,
  task_id          uuid,
  type             text not null check (type ~ '^[a-z]+\.[a-z]+$'),
  actor            text not null,
  data             jsonb not null default '{}',
  at               timestamptz not null default now()
);
create index events_org on events (org_id, xid, id);
create index events_workspace on events (workspace_id, xid, id) where workspace_id is not null;
create index events_task_turn on events (task_id) where type = 'turn.events';

create function events_notify() returns trigger language plpgsql as $$
begin
  -- Equal payloads of one transaction are sent once.
  perform pg_notify('molecule_events', org_id::text) from (select distinct org_id from added) as orgs_added;
  return null;
end $$;
create trigger events_notify after insert on events referencing new table as added for each statement execute function events_notify();

-- Small facts of the installation: id of the org that `up` made, key ids, catalogue version.
create table settings (
  key         text primary key,
  value       jsonb not null,
  updated_at  timestamptz not null default now()
);
