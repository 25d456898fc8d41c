/** Waits for a promise at most so long. @throws Error that names what did not come */
export async function within(limitMs, what, promise) {
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${limitMs / 1000} s`)), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Ends a child process: SIGTERM, and SIGKILL when it takes its time. Resolves when it is gone. */
export async function endChild(child, graceMs) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await within(graceMs, 'the end of a process', gone).catch(() => {
    child.kill('SIGKILL');
    return gone;
  });
}
