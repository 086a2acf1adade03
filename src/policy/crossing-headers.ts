import type { IncomingHttpHeaders } from 'node:http';

/**
 * The client's headers that go on to an upstream: those named here, where they are well formed, and no other. The request's id is ours.
 * A trace's state means nothing without the trace.
 */
export function crossingHeaders(headers: IncomingHttpHeaders, requestId: string): Readonly<Record<string, string>> {
  const crossing: Record<string, string> = { 'x-request-id': requestId };
  const { traceparent, tracestate } = headers;
  if (typeof traceparent === 'string' && TRACE_PARENT.test(traceparent)) {
    crossing['traceparent'] = traceparent;
    if (typeof tracestate === 'string' && PRINTABLE.test(tracestate)) crossing['tracestate'] = tracestate;
  }
  const beta = headers['openai-beta'];
  if (typeof beta === 'string' && PRINTABLE.test(beta)) crossing['openai-beta'] = beta;
  return crossing;
}

/** As W3C Trace Context writes it. */
const TRACE_PARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const PRINTABLE = /^[\x20-\x7e]{1,512}$/;
