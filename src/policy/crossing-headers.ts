import type { IncomingHttpHeaders } from 'node:http';
import type { Endpoint } from '../contracts/endpoint.js';

/**
 * The client's headers that go on to an upstream: those named here, where they are well formed, and no other. The request's id is ours.
 * A trace's state means nothing without the trace.
 */
export function crossingHeaders(headers: IncomingHttpHeaders, requestId: string, endpoint: Endpoint): Readonly<Record<string, string>> {
  const crossing: Record<string, string> = { 'x-request-id': requestId };
  const { traceparent, tracestate } = headers;
  if (typeof traceparent === 'string' && TRACE_PARENT.test(traceparent)) {
    crossing['traceparent'] = traceparent;
    if (typeof tracestate === 'string' && PRINTABLE.test(tracestate)) crossing['tracestate'] = tracestate;
  }
  const beta = headers['openai-beta'];
  if (typeof beta === 'string' && PRINTABLE.test(beta)) crossing['openai-beta'] = beta;
  if (endpoint === 'messages' || endpoint === 'count_tokens') addAnthropics(headers, crossing);
  return crossing;
}

/** Anthropic's clients name versions and betas in an open list of headers that belong to their bodies. */
function addAnthropics(headers: IncomingHttpHeaders, crossing: Record<string, string>): void {
  for (const name in headers) {
    const value = headers[name];
    if (name.startsWith('anthropic-') && typeof value === 'string' && ANTHROPIC_VALUE.test(value)) crossing[name] = value;
  }
}

const ANTHROPIC_VALUE = /^[\x20-\x7e]{1,4096}$/;

/** As W3C Trace Context writes it. */
const TRACE_PARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const PRINTABLE = /^[\x20-\x7e]{1,512}$/;
