import { anthropicError } from '../contracts/anthropic-error.js';
import type { Endpoint } from '../contracts/endpoint.js';
import type { GatewayError } from '../contracts/gateway-error.js';
import type { RequestContext } from '../contracts/request-context.js';
import { responsesError } from '../contracts/responses-error.js';

/** How a client's wire says that something went wrong, and that nothing has yet. */
export interface ErrorShape {
  /** The body of a refusal. */
  body(error: GatewayError): object;
  /** In a stream that has begun: after it comes nothing. */
  event(error: GatewayError, context: RequestContext): string;
  /** To a client that waits: nothing yet. */
  readonly ping: string;
}

const OPENAI: ErrorShape = {
  body: (error) => error.body,
  event: (error) => `data: ${JSON.stringify(error.body)}\n\n`,
  ping: ': ping\n\n',
};

const ANTHROPIC: ErrorShape = {
  body: (error) => anthropicError(error.body, error.status, error.details.anthropic),
  event: (error) => `event: error\ndata: ${JSON.stringify(anthropicError(error.body, error.status))}\n\n`,
  ping: 'event: ping\ndata: {"type":"ping"}\n\n',
};

/** A stream of the Responses API ends with `response.failed`. Where nothing came before it, it is created first: clients take no response that was not. */
const RESPONSES: ErrorShape = {
  body: OPENAI.body,
  event: (error, { requestId, call }) => {
    const { code, message } = error.body.error;
    const response = {
      id: `resp_${requestId}`,
      object: 'response',
      created_at: Math.floor(Date.now() / 1000),
      status: 'in_progress',
      model: call?.model ?? null,
      output: [],
      error: null,
      incomplete_details: null,
      usage: null,
    };
    const told = { code: code === 'upstream_rate_limited' ? 'rate_limit_exceeded' : (code ?? 'server_error'), message };
    return (
      responseEvent('response.created', 0, { response }) +
      responseEvent('error', 1, responsesError(error.body, told.code)) +
      responseEvent('response.failed', 2, { response: { ...response, status: 'failed', error: told } })
    );
  },
  ping: OPENAI.ping,
};

function responseEvent(type: string, number: number, members: object): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number, ...members })}\n\n`;
}

const SHAPES = {
  chat_completions: OPENAI,
  completions: OPENAI,
  embeddings: OPENAI,
  responses: RESPONSES,
  messages: ANTHROPIC,
  count_tokens: ANTHROPIC,
  models: OPENAI,
  other: OPENAI,
} as const satisfies Record<Endpoint, ErrorShape>;

export function errorShape(endpoint: Endpoint): ErrorShape {
  return SHAPES[endpoint];
}
