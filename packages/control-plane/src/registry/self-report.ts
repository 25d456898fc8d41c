import { SelfReport } from '@molecule/contracts';

/** The one fragment that register and heartbeat share (B79), without what else the request holds. An absent field stays absent. */
export function selfReportOf(request: SelfReport): SelfReport {
  return SelfReport.parse(request);
}
