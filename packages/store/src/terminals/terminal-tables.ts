export interface TerminalTables {
  open_terminals: {
    id: string;
    org_id: string;
    workspace_id: string;
    boot_id: string;
    opened_by: string;
    opened_at: Date;
  };
}
