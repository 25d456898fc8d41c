/**
 * Names of the environment variables that cross a process border (B42). One table, so that producer and consumer cannot drift.
 */
export const ENV = {
  /** Base address of the control plane as seen from inside the box, without a trailing slash. */
  apiUrl: 'MOLECULE_API_URL',
  /** The workspace's own scoped token. */
  apiKey: 'MOLECULE_API_KEY',
  /** The management token. A launcher outside of a box is given it; inside the concierge's box no process has it (B36, B41). */
  orgApiKey: 'MOLECULE_ORG_API_KEY',
  /** Unix socket over which the launcher in the concierge's box reaches `/mcp`; the supervisor behind it adds the management token. */
  managementSocket: 'MOLECULE_MANAGEMENT_SOCKET',
  orgId: 'MOLECULE_ORG_ID',
  workspaceId: 'MOLECULE_WORKSPACE_ID',
  /** `management` or `self`: which part of the tool registry a launcher asks for. */
  mcpMode: 'MOLECULE_MCP_MODE',
  /** One-time nonce of the proof ladder's witnessed `live` rung; set only for the process that is being proved. */
  proofNonce: 'MOLECULE_PROOF_NONCE',
  /** Provider pin, highest precedence in provider resolution (B7). */
  llmProvider: 'LLM_PROVIDER',
  model: 'MOLECULE_MODEL',
  databaseUrl: 'MOLECULE_DATABASE_URL',
  dataDir: 'MOLECULE_DATA_DIR',
  masterKey: 'MOLECULE_MASTER_KEY',
  masterKeyFile: 'MOLECULE_MASTER_KEY_FILE',
} as const;

/** HTTP headers of our own. */
export const HEADER = {
  /** Carries the proof nonce from the launcher to `/mcp`. */
  proof: 'molecule-proof',
  /** Name of the MCP server entry that a launcher serves, e.g. `molecule-platform`. */
  mcpServer: 'molecule-mcp-server',
  /** `management` or `self`. */
  mcpMode: 'molecule-mcp-mode',
  idempotencyKey: 'idempotency-key',
} as const;
