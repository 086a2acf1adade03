import type { IncomingHttpHeaders } from 'node:http';
import { type Context, createTraceState, ROOT_CONTEXT, trace, TraceFlags } from '@opentelemetry/api';

/** As W3C Trace Context writes it. A version after ours may say more, behind what we know. */
const TRACE_PARENT = /^(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The trace that a client's headers name; where they name none, or are not well formed, a new one begins. */
export function incomingTrace({ traceparent, tracestate }: IncomingHttpHeaders): Context {
  const [, version, traceId, spanId, flags, more] = (typeof traceparent === 'string' && TRACE_PARENT.exec(traceparent)) || [];
  if (traceId === undefined || spanId === undefined || flags === undefined || (version === '00' && more !== undefined)) return ROOT_CONTEXT;
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED;
  const state = typeof tracestate === 'string' ? { traceState: createTraceState(tracestate) } : {};
  return trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true, ...state });
}
