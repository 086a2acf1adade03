import { type Attributes, type Context, type Span, SpanKind, SpanStatusCode, trace, type Tracer } from '@opentelemetry/api';
import type { GatewaySettings } from '../contracts/gateway-settings.js';
import type { InferenceCall } from '../contracts/inference-call.js';
import { loggedPrincipal } from '../contracts/logged-principal.js';
import type { RequestContext } from '../contracts/request-context.js';
import { shortLived } from '../contracts/short-lived.js';
import type { Target } from '../contracts/target.js';
import { CallTrace } from '../contracts/telemetry.js';
import type { TokenUsage } from '../contracts/token-usage.js';
import type { CallInstruments } from './call-instruments.js';
import { errorType } from './error-type.js';
import { OPERATION_NAMES } from './operation-names.js';
import { requestAttributes, shortText } from './request-attributes.js';
import { ToldAttempt } from './told-attempt.js';
import { upstreamAttributes } from './upstream-attributes.js';

const UNKNOWN = 'other';

/** What calls are told with; undefined: not wanted. */
export interface Tellers {
  readonly tracer: Tracer | undefined;
  readonly instruments: CallInstruments | undefined;
}

/**
 * One call as a span over all its attempts, and as metrics. The span is made when the first attempt begins, or the call ends without one:
 * its name is not known before, and whoever samples must see it.
 */
export class ToldCall extends CallTrace {
  /** Where this call's part of monotonic time stands in the world's. */
  private readonly epochMs = Date.now() - performance.now();
  private span: Span | undefined;
  private target: Target | undefined;
  private attempt: ToldAttempt | undefined;
  private labels: Attributes | undefined;

  constructor(
    private readonly tellers: Tellers,
    private readonly parent: Context,
  ) {
    super();
  }

  override attemptBegan(target: Target, call: InferenceCall, context: RequestContext): ToldAttempt {
    const { instruments } = this.tellers;
    if (this.target?.upstream !== target.upstream) this.labels = undefined;
    this.target = target;
    const labels = instruments === undefined ? {} : (this.labels ??= labelsOf(context, call, target));
    this.attempt = new ToldAttempt(this.attemptSpan(target, call, context), instruments, labels, this.now);
    return this.attempt;
  }

  override ended(context: RequestContext, status: number): void {
    const error = errorType(context.errorCode, status);
    this.attempt?.abandoned(error);
    // Figures that the upstream did not tell are ours: good enough for a limit, not for a bill.
    const usage = context.usageEstimated ? undefined : context.usage;
    this.count(context, usage, error);
    const span = this.begun(context, undefined);
    if (span === undefined) return;
    if (span.isRecording()) span.setAttributes(endAttributes(context, status, usage)).setAttributes(this.attempt?.reply ?? {});
    if (error !== undefined) span.setAttribute('error.type', error).setStatus({ code: SpanStatusCode.ERROR });
    span.end(this.now());
  }

  private readonly now = shortLived(() => this.epochMs + performance.now());

  /** The call's span, made now if there is none yet. */
  private begun(context: RequestContext, target: Target | undefined): Span | undefined {
    const { tracer } = this.tellers;
    if (tracer === undefined || this.span !== undefined) return this.span;
    const { call, endpoint } = context;
    const operation = OPERATION_NAMES[endpoint];
    const attributes: Attributes = { 'gen_ai.operation.name': operation, ...(target === undefined ? {} : upstreamAttributes(target.upstream)) };
    if (call !== undefined) attributes['gen_ai.request.model'] = shortText(call.model);
    const name = call === undefined ? operation : `${operation} ${shortText(call.model)}`;
    this.span = tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime: this.epochMs + context.startedAt, attributes }, this.parent);
    if (call !== undefined && this.span.isRecording()) this.span.setAttributes(requestAttributes(call));
    return this.span;
  }

  private attemptSpan(target: Target, call: InferenceCall, context: RequestContext): Span | undefined {
    const parent = this.begun(context, target);
    if (parent === undefined) return undefined;
    const { upstream, model } = target;
    const attributes: Attributes = {
      ...upstreamAttributes(upstream),
      'gen_ai.request.model': shortText(model),
      'nexus.upstream': upstream.name,
      'nexus.attempt': context.attempts,
    };
    if (context.settings.routing.routes.has(call.model)) attributes['nexus.route'] = call.model;
    const options = { kind: SpanKind.CLIENT, startTime: this.now(), attributes };
    return this.tellers.tracer?.startSpan(`attempt ${upstream.name}`, options, trace.setSpan(this.parent, parent));
  }

  private count(context: RequestContext, usage: TokenUsage | undefined, error: string | undefined): void {
    const { instruments } = this.tellers;
    if (instruments === undefined) return;
    const labels = this.labels ?? labelsOf(context, context.call, this.target);
    const seconds = (performance.now() - context.startedAt) / 1000;
    instruments.duration(context.endpoint, seconds, error === undefined ? labels : { ...labels, 'error.type': error });
    if (usage !== undefined) instruments.usage(context.endpoint, usage, error !== undefined, labels);
  }
}

function labelsOf({ endpoint, settings }: RequestContext, call: InferenceCall | undefined, target: Target | undefined): Attributes {
  const labels: Attributes = {
    'gen_ai.operation.name': OPERATION_NAMES[endpoint],
    ...(target === undefined ? {} : upstreamAttributes(target.upstream)),
  };
  // The number of series must not depend on what clients think up.
  if (call !== undefined) labels['gen_ai.request.model'] = isConfigured(call.model, settings) ? call.model : UNKNOWN;
  return labels;
}

function isConfigured(model: string, { routing }: GatewaySettings): boolean {
  return routing.upstreams.has(model) || routing.routes.has(model) || routing.fallbacks.has(model);
}

function endAttributes(context: RequestContext, status: number, usage: TokenUsage | undefined): Attributes {
  const attributes: Attributes = {
    'http.response.status_code': status,
    'nexus.request_id': context.requestId,
    'nexus.endpoint': context.endpoint,
    'nexus.upstream': context.upstream,
    'nexus.attempts': context.attempts,
    'nexus.fallback': context.fallback,
  };
  if (context.principal !== undefined) attributes['nexus.principal'] = loggedPrincipal(context.principal);
  if (usage === undefined) return attributes;
  attributes['gen_ai.usage.input_tokens'] = usage.input;
  attributes['gen_ai.usage.output_tokens'] = usage.output;
  if (usage.cached > 0) attributes['gen_ai.usage.cache_read.input_tokens'] = usage.cached;
  if (usage.reasoning > 0) attributes['gen_ai.usage.reasoning.output_tokens'] = usage.reasoning;
  return attributes;
}
