-- The older version of a protected plugin at which a workspace stays while a newer one that came with Molecule goes out in waves. No row = the version that this
-- Molecule brings. Only names that are protected for the workspace's kind are looked at; the keys are those of the other plugin tables (B23, B28).
create table held_plugins (
  workspace_id   uuid not null,
  workspace_kind text not null,
  name           text not null,
  privileged     boolean not null,
  artifact       text not null,
  held_at        timestamptz not null default now(),
  primary key (workspace_id, name),
  foreign key (workspace_id, workspace_kind) references workspaces (id, kind),
  constraint held_privileged_needs_platform check (not privileged or workspace_kind = 'platform'),
  foreign key (artifact, privileged) references artifacts (digest, privileged)
);
