import { MANAGEMENT_SERVER_NAME, type PlatformMcpDiag } from '@molecule/contracts';
import type { RuntimeAdapter } from '../contract/index.ts';

type DiagnosisInput = Parameters<RuntimeAdapter['diagnose']>[0];

/** Builds the diagnosis of the management entry from what the adapter reads back (B75, B88). Never throws (B77). */
export function diagnoseManagement(read: RuntimeAdapter['read'], input: DiagnosisInput): PlatformMcpDiag {
  let isPresent = false;
  try {
    isPresent = Object.hasOwn(read(input.files, input.layout), MANAGEMENT_SERVER_NAME);
  } catch {
    // An unreadable configuration is one without the entry.
  }
  return {
    is_concierge: input.isConcierge,
    // There never was a baked-in binary in our boxes; the field stays for old readers.
    legacy_binary_present: false,
    settings_entry_present: isPresent,
    launcher_path: input.launcherPath,
  };
}
