-- The plugin channel: allowlists, fetches that wait, tool surfaces, planned changes, rollouts.

-- What the org, and a workspace for its subtree, permits. No row = nothing is restricted at that level; a row with no entry permits nothing.
create table plugin_allowlists (
  org_id        uuid not null references orgs,
  -- Null = the whole org.
  workspace_id  uuid,
  -- Keys as the rules compare them: `publisher=…`, `source=…`, `digest=…`.
  entries       text[] not null,
  updated_by    text not null,
  updated_at    timestamptz not null default now(),
  unique nulls not distinct (org_id, workspace_id),
  foreign key (workspace_id, org_id) references workspaces (id, org_id)
);

-- Whether a plugin with these keys passes every list from the workspace up to the org. Part of the statement that records a plugin, so that an ordinary
-- one costs no query of its own and a list that changes meanwhile cannot be missed.
create function plugin_allowed(workspace uuid, keys text[]) returns boolean language sql stable as $$
  with recursive line as (
    select id, parent_id, org_id, 1 as depth from workspaces where id = workspace
    union all
    select up.id, up.parent_id, up.org_id, line.depth + 1 from workspaces up join line on up.id = line.parent_id where line.depth < 1000
  )
  select not exists (
    select 1 from plugin_allowlists list
    where list.org_id = (select org_id from workspaces where id = workspace)
      and (list.workspace_id is null or list.workspace_id in (select id from line))
      and not (list.entries && keys)
  )
$$;

-- A declared plugin whose source could not be fetched yet is tried again; everything else of the workspace goes on.
alter table workspace_declared_plugins
  add column fetch_attempts int not null default 0,
  add column fetch_failure jsonb,
  add column fetch_after timestamptz;
create index workspace_declared_plugins_unfetched on workspace_declared_plugins (fetch_after nulls first) where artifact is null;

-- Tools of a server as they were when it was proved: name → digest of name, description and schema.
create table plugin_tool_pins (
  workspace_id  uuid not null references workspaces,
  server        text not null,
  plugin        text not null,
  -- Artifact under which the tools were recorded; another one records anew.
  digest        text not null,
  tools         jsonb not null,
  -- What the server offered last, when that differs.
  seen          jsonb,
  state         text not null default 'pinned' check (state in ('pinned', 'flagged', 'held')),
  accepted_by   text,
  updated_at    timestamptz not null default now(),
  primary key (workspace_id, server),
  constraint difference_is_kept check ((state = 'pinned') = (seen is null))
);

-- An upgrade: planned, applied, then proved or rolled back. Nothing is applied that was not planned.
create table plugin_changes (
  id            uuid primary key,
  org_id        uuid not null references orgs,
  workspace_id  uuid not null,
  plugin        text not null,
  from_artifact text not null references artifacts,
  from_source   text not null,
  from_resolved text not null,
  to_artifact   text not null references artifacts,
  to_source     text not null,
  to_resolved   text not null,
  -- Differences in tools, permissions and files, for people to read.
  plan          jsonb not null,
  state         text not null default 'planned' check (state in ('planned', 'applied', 'proved', 'rolled_back', 'discarded')),
  reason        text,
  -- Until then the proof must have come, or the change is rolled back.
  deadline_at   timestamptz,
  -- Generation of the workspace that carries the change.
  generation    bigint,
  created_by    text not null,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now(),
  foreign key (workspace_id, org_id) references workspaces (id, org_id),
  constraint applied_has_deadline check (state <> 'applied' or (deadline_at is not null and generation is not null))
);
create unique index plugin_changes_one_open on plugin_changes (workspace_id, plugin) where state in ('planned', 'applied');
create index plugin_changes_applied on plugin_changes (deadline_at) where state = 'applied';

-- A change that reaches the workspaces of an org in two waves: a share first, the rest when the share has stayed well.
create table rollouts (
  id            uuid primary key,
  org_id        uuid not null references orgs,
  subject       text not null check (subject in ('plugin', 'runtime')),
  -- Plugin name, or empty for the default runtime.
  name          text not null,
  plan          jsonb not null,
  canary        uuid[] not null,
  rest          uuid[] not null,
  soak_seconds  int not null check (soak_seconds >= 0),
  state         text not null default 'planned' check (state in ('planned', 'canary', 'rest', 'done', 'rolled_back', 'discarded')),
  reason        text,
  -- Since when the canary has been well without a break.
  well_since    timestamptz,
  wave_at       timestamptz,
  created_by    text not null,
  created_at    timestamptz not null default now(),
  updated_at    timestamptz not null default now()
);
create unique index rollouts_one_open on rollouts (org_id, subject, name) where state in ('planned', 'canary', 'rest');

-- Where a single workspace stands in a rollout: what it had, so that it can go back.
create table rollout_steps (
  rollout_id    uuid not null references rollouts,
  workspace_id  uuid not null references workspaces,
  before        jsonb not null,
  generation    bigint,
  primary key (rollout_id, workspace_id)
);
