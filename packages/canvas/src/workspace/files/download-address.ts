/** The server sends it as an attachment, whatever it holds. */
export function downloadAddress(workspaceId: string, path: string): string {
  return `/api/v1/workspaces/${encodeURIComponent(workspaceId)}/files/download?path=${encodeURIComponent(path)}`;
}
