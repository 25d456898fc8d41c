-- Terminals that were opened and whose end is not on record yet. The box tells of the end; of a box that was killed the sweep does.
create table open_terminals (
  id            uuid primary key,
  org_id        uuid not null references orgs (id),
  workspace_id  uuid not null references workspaces (id),
  boot_id       uuid not null,
  opened_by     text not null,
  opened_at     timestamptz not null
);
