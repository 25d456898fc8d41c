/** 12 B, 3.4 KB, 1.2 MB. */
export function fileSize(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  for (const [unit, scale] of [
    ['KB', 1e3],
    ['MB', 1e6],
    ['GB', 1e9],
  ] as const) {
    if (bytes < scale * 1000 || unit === 'GB') return `${(bytes / scale).toFixed(bytes < scale * 10 ? 1 : 0)} ${unit}`;
  }
  return '';
}
