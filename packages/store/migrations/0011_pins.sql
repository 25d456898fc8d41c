-- Tools are recorded under the artifact that offered them, and stay recorded when it is taken away: who installs the same artifact again is held to
-- the same tools.
alter table plugin_tool_pins
  drop constraint plugin_tool_pins_pkey,
  add primary key (workspace_id, server, plugin, digest);
