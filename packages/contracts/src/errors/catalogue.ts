/**
 * The error catalogue: every error that a user, an agent or another program of ours can meet. One row per code:
 * HTTP status, message template (what happened; `{name}` is filled from the parameters) and hint (what to do next).
 * A gate test ties this table to `docs/reference/errors.md` and to the OpenAPI document.
 */
export const ERROR_CATALOGUE = {
  // ---- requests ----
  invalid_request: [400, 'The request is not valid: {detail}', 'Compare the request with /api/openapi.json.'],
  invalid_json: [400, 'The body is not valid JSON: {detail}', 'Send a JSON body with content-type application/json.'],
  invalid_yaml: [
    400,
    'The body is not valid YAML: {detail}',
    'Mend the line, or send JSON with content-type application/json.',
  ],
  document_invalid: [
    400,
    'The document makes no sense: {detail}',
    'Nothing was made. Mend the document and send it again.',
  ],
  body_too_large: [413, 'The body is larger than {limitBytes} bytes.', 'Send less in one request.'],
  unsupported_media_type: [415, 'The content type {contentType} is not supported here.', 'Send application/json.'],
  route_unknown: [404, 'There is no route {method} {path}.', 'The routes are listed in /api/openapi.json.'],
  rate_limited: [429, 'Too many requests.', 'Wait {retryAfterSeconds} s and try again.'],
  idempotency_conflict: [
    409,
    'The idempotency key was used before with another request.',
    'Use a new key for a new request.',
  ],
  cursor_invalid: [400, 'The cursor is not one that this server gave out.', 'Start again without a cursor.'],
  // ---- who ----
  token_missing: [401, 'No token was given.', 'Send "Authorization: Bearer …". `molecule token create` makes a token.'],
  token_invalid: [401, 'The token is not known.', 'Check the token, or make a new one with `molecule token create`.'],
  token_expired: [401, 'The token expired at {expiredAt}.', 'Make a new one with `molecule token create`.'],
  token_revoked: [
    401,
    'The token was revoked.',
    'Make a new one with `molecule token create`. A box gets its new token at its next boot.',
  ],
  scope_missing: [403, 'The token lacks the scope {scope}.', 'Use a token that has the scope {scope}.'],
  token_other_workspace: [
    403,
    'The token belongs to another workspace.',
    'Use the token of the workspace that is meant.',
  ],
  sign_in_link_used: [
    401,
    'The sign-in link was used before or has expired.',
    'Start `./molecule up` again, or run `molecule token sign-in`, for a new link.',
  ],
  csrf_failed: [403, 'The request lacks the CSRF token of this session.', 'Reload the page and try again.'],
  host_not_allowed: [
    403,
    'The Host or Origin header {value} is not allowed.',
    'Open the address that `molecule up` printed.',
  ],
  // ---- workspaces ----
  workspace_not_found: [404, 'There is no workspace {workspace}.', '`molecule ws list` shows the workspaces.'],
  workspace_name_taken: [
    409,
    'There is a workspace named "{name}" already.',
    'Choose another name, or use the one that is there: {workspaceId}.',
  ],
  workspace_name_mismatch: [
    400,
    'The confirmation "{given}" is not the name of the workspace.',
    'Repeat the name exactly: the workspace is removed for good.',
  ],
  workspace_removed: [410, 'The workspace was removed.', 'Create a new one.'],
  transition_illegal: [
    409,
    'A workspace that is {from} cannot be {event}.',
    '`molecule ws why {workspace}` shows what is possible.',
  ],
  parent_not_found: [
    404,
    'There is no workspace {parent} in this org to be the parent.',
    'Name a parent of the same org.',
  ],
  workspace_cycle: [
    409,
    'The workspace {workspace} cannot hang below {parent}, which hangs below it.',
    'Choose a parent outside of its own subtree.',
  ],
  edit_conflict: [
    409,
    'The {field} was changed meanwhile: it is {present} now.',
    'Nothing was changed. Look at what is there now and decide again.',
  ],
  runtime_unknown: [400, 'There is no runtime "{runtime}".', 'Known runtimes: {known}.'],
  runtime_unavailable: [
    409,
    'The runtime "{runtime}" is not installed on the box host: {detail}',
    'Install it, or choose another with --runtime. `molecule doctor` lists what was found.',
  ],
  template_unknown: [400, 'There is no template "{template}".', 'Known templates: {known}.'],
  concierge_protected: [
    409,
    'The concierge cannot be {event}.',
    'It is the root of the org. Restart it instead, or change its runtime.',
  ],
  concierge_exists: [409, 'This org has a concierge already.', 'An org has exactly one concierge.'],
  kind_forbidden: [403, 'A box cannot make itself a platform agent.', 'Only the control plane creates the concierge.'],
  // ---- inside a box ----
  box_not_running: [
    409,
    'The workspace {workspace} is {status}: its box does not run.',
    'Resume or restart it, or send it a message; then try again.',
  ],
  box_unreachable: [
    503,
    'The box of {workspace} did not answer: {detail}',
    'Try again in a moment. `molecule ws why {workspace}` says how it is.',
  ],
  file_not_found: [404, 'There is no {path} in the folder of the workspace.', 'Look at the folder again.'],
  file_refused: [
    400,
    'The path {path} cannot be used: {detail}',
    'Use files and folders inside the folder of the workspace; links are not followed.',
  ],
  file_too_large: [
    413,
    'The file {path} has more than {limitBytes} bytes.',
    'Split or pack it inside the box, or have the agent send it elsewhere.',
  ],
  file_changed: [
    409,
    'The file {path} was changed by somebody else in the meantime.',
    'Look at what is there now, then save again or keep theirs.',
  ],
  file_exists: [409, 'There is something named {path} already.', 'Choose another name.'],
  terminal_not_found: [404, 'There is no terminal {terminal} in this box.', 'It has ended. Open a new one.'],
  terminal_refused: [409, 'No terminal can be opened: {detail}', '{nextStep}'],
  // ---- models ----
  model_invalid: [400, 'The model "{model}" cannot be resolved: {detail}', 'Nearest valid ids: {nearest}.'],
  not_configured: [409, 'The workspace cannot run a turn: {detail}', '{nextStep}'],
  budget_exceeded: [402, 'The budget does not allow it: {detail}.', '{nextStep}'],
  budget_not_found: [404, 'There is no budget {budget}.', '`molecule budget list` shows what is there.'],
  budget_scope_unknown: [
    400,
    'There is no {kind} {id} in this org for the budget to cover.',
    'Name a workspace or a task of this org.',
  ],
  secret_not_found: [404, 'There is no secret {name}.', '`molecule secret list` shows the names.'],
  secret_name_reserved: [400, 'The name {name} is set by the platform: {detail}', '{nextStep}'],
  secret_unreadable: [
    500,
    'The secret {name} cannot be opened: {detail}',
    'Start with the master key that sealed it, or set the secret anew.',
  ],
  master_key_invalid: [
    500,
    'The master key cannot be used: {detail}',
    'It is 32 bytes in base64 or hex, given in MOLECULE_MASTER_KEY, in the file MOLECULE_MASTER_KEY_FILE names, or kept in the data directory.',
  ],
  preflight_failed: [
    422,
    'The trial call to {provider} failed: {detail}',
    'Mend the key, address or model; `--force` stores it all the same.',
  ],
  address_refused: [
    400,
    'The address {address} cannot be used: {detail}',
    'Use a public https address. The operator can permit others with MOLECULE_ALLOW_LOOPBACK_SOURCES=1.',
  ],
  registry_invalid: [400, 'The provider registry is not valid: {detail}', 'docs/models.md shows the fields.'],
  // ---- registry and gate ----
  enrolment_invalid: [
    401,
    'The enrolment token is not valid for this boot.',
    'Enrolment tokens work once. The box host gets a new one when it connects again.',
  ],
  boot_superseded: [409, 'This boot was replaced by a newer one.', 'Stop: the workspace runs in another box now.'],
  platform_agent_mcp_server_missing: [
    400,
    'The platform agent has no live management MCP server: {detail}',
    'Repair is on its way; `molecule ws why` shows the rung that failed.',
  ],
  platform_agent_model_missing: [400, 'The platform agent has no model.', 'Set one with `molecule model set`.'],
  proof_nonce_invalid: [
    403,
    'The proof nonce is unknown, used or of another boot.',
    'The next heartbeat brings a new one.',
  ],
  host_conflict: [409, 'The box host {hostId} is connected already.', 'Stop the other box host first.'],
  // ---- plugins ----
  plugin_not_entitled: [
    403,
    'The plugin {plugin} is privileged and only the concierge may have it.',
    'Install it nowhere else. Ordinary plugins need no entitlement.',
  ],
  plugin_source_invalid: [
    400,
    'The plugin source "{source}" is not valid: {detail}',
    'Use builtin:, git+https://…#ref, github:owner/repo#ref, gitea://owner/repo#ref, npm:name@version or file:.',
  ],
  plugin_fetch_failed: [
    502,
    'The plugin {plugin} could not be fetched: {detail}',
    'The last known good version stays in place. {nextStep}',
  ],
  plugin_manifest_invalid: [
    400,
    'The plugin {plugin} has no valid manifest: {detail}',
    '`molecule plugin validate` names the line.',
  ],
  plugin_limit_exceeded: [400, 'The plugin {plugin} is over a limit: {detail}', 'Make the package smaller.'],
  plugin_not_found: [404, 'The workspace has no plugin {plugin}.', '`molecule plugin list` shows what is there.'],
  plugin_protected: [
    409,
    'The plugin {plugin} is protected: it can be neither removed nor replaced.',
    'Every workspace of this kind has it in the version of the platform.',
  ],
  plugin_not_allowed: [403, 'The org allowlist does not permit {source}.', 'An org admin can extend the allowlist.'],
  plugin_setup_failed: [502, 'The setup of plugin {plugin} failed: {detail}', 'See the boot events of the workspace.'],
  artifact_not_found: [404, 'There is no artifact {digest} here.', 'Install the plugin again.'],
  plugin_change_not_found: [
    404,
    'There is no planned change {change}.',
    '`molecule plugin lock` shows what would change.',
  ],
  plugin_change_stale: [
    409,
    'The plan for {plugin} no longer fits what is there: {detail}',
    'Make a new plan with `molecule plugin lock`.',
  ],
  plugin_lock_mismatch: [
    409,
    'The lock does not fit: {detail}',
    'Nothing was installed. Compare the lock with its sources.',
  ],
  plugin_tools_not_held: [
    409,
    'The server {server} has no changed tools that wait for acceptance.',
    '`molecule plugin list` shows the state of each server.',
  ],
  rollout_not_found: [
    404,
    'There is no rollout {rollout}.',
    '`molecule plugin rollout list` shows those that are there.',
  ],
  rollout_not_possible: [
    409,
    'The rollout cannot be {event}: {detail}',
    'See its plan with `molecule plugin rollout list`.',
  ],
  // ---- work ----
  peer_not_reachable: [
    403,
    'The workspace {workspace} is not a peer of this one.',
    'A workspace may talk to its parent, its children and its siblings; list_peers shows them.',
  ],
  conversation_not_found: [404, 'There is no conversation {conversation}.', 'Start a new one.'],
  task_not_found: [404, 'There is no task {task}.', '`molecule ws events` shows what happened.'],
  task_not_leased: [
    409,
    'The task is not leased to this attempt.',
    'Another attempt has taken it over, or the turn has ended; drop this one.',
  ],
  turn_failed: [502, 'The task failed: {detail}', '`molecule ws why` says more.'],
  task_finished: [409, 'The task has ended already.', 'Send a new message.'],
  // ---- files and configuration of runtimes ----
  config_unwritable: [403, 'The file {path} cannot be written: {detail}', 'Check its owner and mode.'],
  config_conflict: [
    409,
    'The file {path} kept changing while it was being written.',
    'Close the other program that writes it and try again.',
  ],
  // ---- machine ----
  demo_failed: [
    500,
    'The demo failed: {detail}',
    'Run it again with --keep and look into the logs of its directory; `molecule doctor` checks the machine.',
  ],
  not_running: [
    503,
    'Molecule does not answer: {detail}',
    'Start it with `./molecule up`, or name its data directory with --data-dir.',
  ],
  port_in_use: [500, 'Port {port} is in use.', 'Stop the other program, or choose a port with --port.'],
  data_dir_unwritable: [
    500,
    'The data directory {path} cannot be written: {detail}',
    'Check its owner and mode, or choose another with --data-dir.',
  ],
  data_dir_foreign: [
    500,
    'The directory {path} is not empty and was not made by Molecule.',
    'Choose an empty or new directory with --data-dir.',
  ],
  data_dir_newer: [
    500,
    'The data directory was written by a newer version ({found}; this is {have}).',
    'Start it with the newer version.',
  ],
  data_dir_locked: [
    500,
    'The data directory is in use by process {pid}.',
    'Stop that process first; only one server may use a directory.',
  ],
  database_major_mismatch: [
    500,
    'The data directory belongs to PostgreSQL {found}, this machine has {have}.',
    'Install PostgreSQL {found}, or dump with it and restore into a new directory.',
  ],
  database_binaries_missing: [
    500,
    'No PostgreSQL server was found for {platform}.',
    'Run npm install with optional packages, install PostgreSQL 15 to 18, or give --database-url.',
  ],
  database_unprivileged_user_missing: [
    500,
    'PostgreSQL refuses to run as root and no unprivileged user was found.',
    'Create a user named "postgres" or start as an ordinary user.',
  ],
  database_start_failed: [500, 'PostgreSQL did not start: {detail}', 'Its log is {logPath}.'],
  database_unavailable: [
    503,
    'The database cannot be reached: {detail}',
    'Check that it runs; requests are served again as soon as it answers.',
  ],
  database_full: [507, 'The database has no space left.', 'Free disk space; nothing was half-done.'],
  migration_failed: [
    500,
    'Migration {migration} failed: {detail}',
    'Nothing of it was kept. Report it with this message.',
  ],
  migration_changed: [
    500,
    'Migration {migration} differs from the one that was applied.',
    'Use the version of Molecule that made this database.',
  ],
  shutting_down: [503, 'The server is stopping.', 'Try again in a moment.'],
  internal: [
    500,
    'Something went wrong inside Molecule.',
    'The server log has the details under the request id {requestId}.',
  ],
} as const satisfies Record<string, readonly [status: number, message: string, hint: string]>;

export type ErrorCode = keyof typeof ERROR_CATALOGUE;
