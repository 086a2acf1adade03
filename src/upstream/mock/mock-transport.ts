import type { MockSettings, UpstreamSettings } from '../../contracts/gateway-settings.js';
import { type Exchange, type ReplySink, type UpstreamRequest, UpstreamTransport } from '../upstream-transport.js';
import type { MockAnswer } from './mock-answer.js';
import { mockChat } from './mock-chat.js';
import { mockCompletion } from './mock-completion.js';
import { mockEmbedding } from './mock-embedding.js';
import { MockExchange } from './mock-exchange.js';
import { mockError, MockRefusal } from './mock-refusal.js';
import { readBody } from './mock-request.js';
import { seededRandom } from './seeded-random.js';

/**
 * An OpenAI server inside the process, so that everything can be tried without one: streams, usage, tools, refusals, and on demand
 * the troubles of real ones. The same request has the same answer but for its id and time. Which calls fail by `error_rate` looks
 * random, and is the same in every run: it is drawn from a seed made of the upstream's name.
 */
export class MockTransport extends UpstreamTransport {
  private readonly draws = new Map<string, () => number>();
  private calls = 0;

  override send(upstream: UpstreamSettings, request: UpstreamRequest, sink: ReplySink): Exchange {
    const settings = upstream.mock ?? PLAIN;
    if (settings.hang) return HANGING;
    const exchange = new MockExchange(this.answer(upstream.name, settings, request), settings, sink);
    exchange.begin();
    return exchange;
  }

  private answer(name: string, settings: MockSettings, request: UpstreamRequest): MockAnswer {
    const { status } = settings;
    if (status !== undefined && (status < 200 || status > 299)) return onPurpose(status);
    if (settings.errorRate > 0 && this.draw(name) < settings.errorRate)
      return mockError(500, 'server_error', null, 'The mock failed this call on purpose (error_rate).');
    try {
      const answer = this.good(request, settings.reply);
      return status === undefined ? answer : { ...answer, status };
    } catch (error) {
      if (error instanceof MockRefusal) return error.answer;
      throw error;
    }
  }

  private good(request: UpstreamRequest, reply: string | undefined): MockAnswer {
    const body = readBody(request.bodyRest === undefined ? request.body : Buffer.concat([request.body, ...request.bodyRest]));
    const head = { id: `mock${(++this.calls).toString(36).padStart(8, '0')}`, created: Math.floor(Date.now() / 1000) };
    switch (request.path) {
      case '/chat/completions':
        return mockChat(body, head, reply);
      case '/completions':
        return mockCompletion(body, head, reply);
      case '/embeddings':
        return mockEmbedding(body);
      default:
        throw new MockRefusal(`The mock has no ${request.path}.`, null, 'unknown_url', 404);
    }
  }

  private draw(name: string): number {
    let draws = this.draws.get(name);
    if (draws === undefined) this.draws.set(name, (draws = seededRandom(name)));
    return draws();
  }
}

const PLAIN: MockSettings = {
  ttftMs: 0,
  tokensPerSecond: 0,
  errorRate: 0,
  status: undefined,
  reply: undefined,
  hang: false,
  cutAfter: undefined,
};

/** Takes the call and never answers. */
const HANGING: Exchange = { resume: () => undefined, cancel: () => undefined };

function onPurpose(status: number): MockAnswer {
  const message = `The mock answers every call with ${status} (status).`;
  if (status === 429) return mockError(status, 'rate_limit_error', 'rate_limit_exceeded', message, null, { 'retry-after': '1' });
  if (status === 401) return mockError(status, 'invalid_request_error', 'invalid_api_key', message);
  return mockError(status, status < 500 ? 'invalid_request_error' : 'server_error', null, message);
}
