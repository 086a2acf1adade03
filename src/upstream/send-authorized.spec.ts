import { openaiTarget } from '../../test/doubles/openai-call.js';
import { RecordingSink } from '../../test/doubles/recording-sink.js';
import { ScriptedTransport } from '../../test/doubles/scripted-transport.js';
import { AccessTokens } from './access-tokens.js';
import { RequestSigner } from './request-signer.js';
import { sendAuthorized } from './send-authorized.js';
import { UpstreamFailure } from './upstream-failure.js';

class GivenTokens extends AccessTokens {
  constructor(private readonly give: () => string | Promise<string>) {
    super();
  }

  override authorization(): string | Promise<string> {
    return this.give();
  }
}

const { upstream } = openaiTarget();
const request = (give: () => string | Promise<string>): Parameters<typeof sendAuthorized>[2] => ({
  path: '/p',
  headers: { a: 'b' },
  body: Buffer.alloc(0),
  authorization: new GivenTokens(give),
});

describe('a request that needs a token', () => {
  it('leaves at once with one that is known', () => {
    const transport = new ScriptedTransport();
    sendAuthorized(
      transport,
      upstream,
      request(() => 'Bearer t'),
      new RecordingSink(),
    );
    expect(transport.exchanges.map((exchange) => exchange.request)).toEqual([
      { path: '/p', headers: { a: 'b', authorization: 'Bearer t' }, body: Buffer.alloc(0) },
    ]);
  });

  it('leaves as soon as the token is there, and is the same exchange from then on', async () => {
    const transport = new ScriptedTransport();
    const exchange = sendAuthorized(
      transport,
      upstream,
      request(() => Promise.resolve('Bearer t')),
      new RecordingSink(),
    );
    expect(transport.exchanges).toHaveLength(0);
    exchange.resume();
    await new Promise(setImmediate);
    expect(transport.exchanges[0]?.request.headers).toEqual({ a: 'b', authorization: 'Bearer t' });
    exchange.resume();
    exchange.cancel();
    expect(transport.exchanges[0]).toMatchObject({ resumes: 1, cancels: 1 });
  });

  it.each<[string, () => string | Promise<string>]>([
    ['rejects', () => Promise.reject(new Error('secret'))],
    [
      'throws',
      () => {
        throw new Error('secret');
      },
    ],
  ])('fails as auth when whoever gives it %s, and is never sent', async (_how, give) => {
    const transport = new ScriptedTransport();
    const sink = new RecordingSink();
    sendAuthorized(transport, upstream, request(give), sink);
    expect(sink.told).toEqual([]);
    await sink.over;
    expect(sink.failure).toBeInstanceOf(UpstreamFailure);
    expect(sink.failure?.kind).toBe('auth');
    expect(sink.failure?.message).not.toContain('secret');
    expect(transport.exchanges).toHaveLength(0);
  });

  it.each<[string, Promise<string>]>([
    ['there', Promise.resolve('Bearer t')],
    ['refused', Promise.reject(new Error('no'))],
  ])('is not sent when it was cancelled before its token was %s, and hears nothing', async (_how, given) => {
    const transport = new ScriptedTransport();
    const sink = new RecordingSink();
    sendAuthorized(
      transport,
      upstream,
      request(() => given),
      sink,
    ).cancel();
    await new Promise(setImmediate);
    expect(transport.exchanges).toHaveLength(0);
    expect(sink.told).toEqual([]);
  });

  it('without need of a token it goes as it is', () => {
    const transport = new ScriptedTransport();
    const plain = { path: '/p', headers: {}, body: Buffer.alloc(0) };
    sendAuthorized(transport, upstream, plain, new RecordingSink());
    expect(transport.exchanges[0]?.request).toBe(plain);
  });
});

describe('a request that needs a signature', () => {
  class Signer extends RequestSigner {
    override sign(address: string, headers: Readonly<Record<string, string>>, body: Buffer): Record<string, string> {
      return { ...headers, signature: `${address} ${body.toString()}` };
    }
  }

  it('is signed whole, with the address it goes to, and leaves at once', () => {
    const transport = new ScriptedTransport();
    const unsigned = { path: '/p%3A0', headers: { a: 'b' }, body: Buffer.from('{}'), signer: new Signer() };
    sendAuthorized(transport, upstream, unsigned, new RecordingSink());
    expect(transport.exchanges.map((exchange) => exchange.request)).toEqual([
      { path: '/p%3A0', headers: { a: 'b', signature: `${upstream.baseUrl}/p%3A0 {}` }, body: Buffer.from('{}') },
    ]);
  });
});
