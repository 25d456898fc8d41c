import { MoleculeError, type WorkspaceDocument } from '@molecule/contracts';

/**
 * Workspaces of a document, each behind the one above it. Names are compared as the database does, whatever their case. Pure.
 * @throws MoleculeError `document_invalid` for a name that comes twice and for workspaces that are above each other
 */
export function inOrder(documents: readonly WorkspaceDocument[]): readonly WorkspaceDocument[] {
  const byName = new Map<string, WorkspaceDocument>();
  for (const document of documents) {
    const name = document.name.toLowerCase();
    if (byName.has(name))
      throw new MoleculeError('document_invalid', { params: { detail: `the name ${document.name} comes twice` } });
    byName.set(name, document);
  }
  const placed = new Set<WorkspaceDocument>();
  for (const document of documents) {
    const line: WorkspaceDocument[] = [];
    for (
      let at: WorkspaceDocument | undefined = document;
      at !== undefined && !placed.has(at);
      at = byName.get((at.parent ?? '').toLowerCase())
    ) {
      if (line.includes(at))
        throw new MoleculeError('document_invalid', {
          params: { detail: `${line.map(({ name }) => name).join(', ')} are above each other` },
        });
      line.push(at);
    }
    for (const each of line.reverse()) placed.add(each);
  }
  return [...placed];
}
