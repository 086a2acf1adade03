import { trace } from '@opentelemetry/api';
import { incomingTrace } from './incoming-trace.js';
import { outgoingTrace } from './outgoing-trace.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';

it.each([
  [`00-${TRACE}-${SPAN}-01`, 1],
  [`00-${TRACE}-${SPAN}-00`, 0],
  [`00-${TRACE}-${SPAN}-03`, 1],
  [`01-${TRACE}-${SPAN}-01`, 1],
  [`01-${TRACE}-${SPAN}-01-more`, 1],
])('goes on with %s', (traceparent, traceFlags) => {
  expect(trace.getSpanContext(incomingTrace({ traceparent, tracestate: 'a=1,b=2' }))).toMatchObject({
    traceId: TRACE,
    spanId: SPAN,
    traceFlags,
    isRemote: true,
  });
});

it.each([
  undefined,
  '',
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01, 00-${TRACE}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}`,
])('%j is no trace', (traceparent) => {
  expect(trace.getSpanContext(incomingTrace({ ...(traceparent !== undefined && { traceparent }), tracestate: 'a=1' }))).toBeUndefined();
});

it('tells an upstream what it was told, and no empty state', () => {
  const context = trace.getSpanContext(incomingTrace({ traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: ' a=1 , b=2' }));
  expect(context && outgoingTrace(context)).toEqual({ traceparent: `00-${TRACE}-${SPAN}-01`, tracestate: 'a=1,b=2' });
  const without = trace.getSpanContext(incomingTrace({ traceparent: `00-${TRACE}-${SPAN}-00`, tracestate: 'no state' }));
  expect(without && outgoingTrace(without)).toEqual({ traceparent: `00-${TRACE}-${SPAN}-00` });
});
