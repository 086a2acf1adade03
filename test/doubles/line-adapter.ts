import type { ErrorBody } from '../../src/contracts/gateway-error.js';
import type { InferenceCall } from '../../src/contracts/inference-call.js';
import type { Target } from '../../src/contracts/target.js';
import type { TokenUsage } from '../../src/contracts/token-usage.js';
import type { Answer, StreamProgress, StreamTranslator, UpstreamAdapter } from '../../src/upstream/upstream-adapter.js';
import { FAILURES, type FailureKind, UpstreamFailure } from '../../src/upstream/upstream-failure.js';
import type { UpstreamHeaders, UpstreamRequest } from '../../src/upstream/upstream-transport.js';

export const USAGE: TokenUsage = { input: 7, output: 3, cached: 0, reasoning: 0 };

/**
 * A dialect for tests, one word a line. Of a stream: `role` and `ping` are life, `stop` finishes, `done` ends, `error` breaks, `junk` is dropped,
 * `usage` tells it, anything else is content. Of a whole answer: the name of a failure is that failure. A refusal's body names its failure,
 * and `filtered` in its second line means a content filter.
 */
export class LineAdapter implements UpstreamAdapter {
  /** Bytes that the last refusal was explained with. */
  explainedBytes = 0;

  encode(call: InferenceCall, target: Target): UpstreamRequest {
    return { path: '/chat/completions', headers: {}, body: Buffer.concat([Buffer.from(`${target.model}:`), call.body]) };
  }

  answer(_call: InferenceCall, _target: Target, body: Buffer): Answer | UpstreamFailure {
    const word = body.toString();
    return isKind(word) ? new UpstreamFailure(word, `The answer was ${word}.`) : { body, usage: word === 'no usage' ? undefined : USAGE };
  }

  translator(_call: InferenceCall, _target: Target, eventBytesMax: number): StreamTranslator {
    return new LineTranslator(eventBytesMax);
  }

  explain(target: Target, status: number, headers: UpstreamHeaders, body: Buffer): UpstreamFailure {
    this.explainedBytes = body.length;
    const [word = '', more] = body.toString().trim().split('\n');
    const kind = isKind(word) ? word : 'server_error';
    const words: ErrorBody = {
      error: { message: `${target.upstream.name} says ${kind}`, type: 'invalid_request_error', param: 'messages', code: kind },
    };
    const asked = headers['retry-after'];
    const rest = asked === undefined ? {} : { retryAfterMs: Number(asked) * 1000 };
    return new UpstreamFailure(kind, `The upstream answered ${status}.`, {
      status,
      body: words,
      rawBody: body,
      isFiltered: more === 'filtered',
      ...rest,
    });
  }
}

class LineTranslator implements StreamTranslator {
  progress: StreamProgress = 'silent';
  failure: UpstreamFailure | undefined;
  usage: TokenUsage | undefined;
  deltas = 0;
  dropped = 0;
  private rest = '';

  constructor(private readonly eventBytesMax: number) {}

  write(chunk: Buffer): Buffer {
    const lines = (this.rest + chunk.toString()).split('\n');
    this.rest = lines.pop() ?? '';
    if (this.rest.length > this.eventBytesMax) this.fail('invalid');
    return Buffer.from(lines.map((line) => this.event(line)).join(''));
  }

  end(): Buffer {
    if (this.progress !== 'finished' && this.progress !== 'done') this.fail('invalid');
    return Buffer.from(this.progress === 'finished' ? 'done\n' : '');
  }

  private event(line: string): string {
    if (this.failure !== undefined) return '';
    switch (line) {
      case 'junk':
        this.dropped += 1;
        return '';
      case 'error':
        this.fail('server_error');
        return '';
      case 'usage':
        this.usage = USAGE;
        break;
      case 'role':
      case 'ping':
        if (this.progress === 'silent') this.progress = 'alive';
        break;
      case 'stop':
        this.progress = 'finished';
        break;
      case 'done':
        this.progress = 'done';
        break;
      default:
        this.progress = 'content';
        this.deltas += 1;
    }
    return `${line}\n`;
  }

  private fail(kind: 'server_error' | 'invalid'): void {
    const isEarly = this.progress === 'silent' || this.progress === 'alive';
    this.failure = new UpstreamFailure(isEarly ? kind : 'interrupted', 'The stream broke.');
  }
}

function isKind(word: string): word is FailureKind {
  return Object.hasOwn(FAILURES, word);
}
