/** Median of numbers; the upper one of two middles. */
export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

export function spread(values) {
  return `${Math.min(...values).toFixed(1)}-${Math.max(...values).toFixed(1)}`;
}
