/** Loss of a capability that was there degrades only after this long without interruption (B95; later source of the seeds: 180 s). */
export const CAPABILITY_GRACE_MS = 180_000;
/** A box that was never proved able degrades after this long, counted from its enrolment; recoverable (B95, I38). */
export const WARM_UP_MS = 300_000;
/** At most one repair per workspace in this time (B85, T42). */
export const REPAIR_INTERVAL_MS = 30_000;
/** A box that misses this many heartbeat intervals is offline. */
export const HEARTBEAT_LOST_AFTER_INTERVALS = 3;
/** Ended turns below this number say nothing about the rate of failures. */
export const FAILING_TURNS_MIN = 4;
/** From this share of failed turns on the agent counts as unhealthy (B94: error rate < 0.5). */
export const FAILING_TURNS_RATE = 0.5;
/** A host that was told to start a box has this long until the box enrols; then the boot failed (I38: no state without a bound). */
export const ENROLMENT_TIMEOUT_MS = 120_000;
/** How often a box says that it is there. */
export const HEARTBEAT_INTERVAL_MS = 30_000;
