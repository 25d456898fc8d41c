export interface BoxCallTables {
  box_calls: {
    id: string;
    workspace_id: string;
    boot_id: string;
    request: string | null;
    reply: string | null;
    created_at: Date;
  };
}
