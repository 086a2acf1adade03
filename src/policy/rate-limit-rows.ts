import type { Charge } from '../contracts/rate-limit.js';

export const RATE_LIMIT_TOPIC = 'rate-limit';

/** A charge as workers send it: bucket, capacity, refill per minute, cost, debt in milliseconds. */
export type ChargeRow = readonly [string, number, number, number, number];

export function rowOf(charge: Charge, debtMs: number): ChargeRow {
  return [charge.bucket, charge.capacity, charge.refillPerMinute, charge.cost, debtMs];
}

export function chargeOf([bucket, capacity, refillPerMinute, cost, debtMs]: ChargeRow): Charge {
  return debtMs > 0 ? { bucket, capacity, refillPerMinute, cost, debtMs } : { bucket, capacity, refillPerMinute, cost };
}
