import type { IncomingHttpHeaders } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { type CallTrace, Telemetry } from '../contracts/telemetry.js';
import type { CollectorWatch } from './collector-watch.js';
import { incomingTrace } from './incoming-trace.js';
import { type Tellers, ToldCall } from './told-call.js';

/** What sends in the background. */
export interface Sender {
  shutdown(): Promise<void>;
}

/** Calls as traces and metrics for a collector. What cannot be sent in time is dropped: no call ever waits for it. */
export class OtlpTelemetry extends Telemetry {
  constructor(
    private readonly tellers: Tellers,
    private readonly senders: readonly Sender[],
    /** Hears whether the collector takes what it is sent. */
    readonly collector: CollectorWatch,
  ) {
    super();
  }

  override callBegan(headers: IncomingHttpHeaders): CallTrace {
    return new ToldCall(this.tellers, this.tellers.tracer === undefined ? ROOT_CONTEXT : incomingTrace(headers));
  }

  override async close(withinMs: number): Promise<void> {
    await Promise.race([Promise.allSettled(this.senders.map((sender) => sender.shutdown())), wait(withinMs, undefined, { ref: false })]);
  }
}
