import { setTimeout as sleep } from 'node:timers/promises';
import type { UpstreamSettings } from '../../src/contracts/gateway-settings.js';
import { UpstreamFailure } from '../../src/upstream/upstream-failure.js';
import type { UpstreamRequest, UpstreamTransport } from '../../src/upstream/upstream-transport.js';
import { RecordingSink } from '../doubles/recording-sink.js';

/** `streams`: 40 tokens or more, some milliseconds apart. `cut`: broken off in the middle of a stream. */
export type Behaviour = 'answers' | 'streams' | 'hangs' | 'cut';

export interface TransportUnderTest {
  readonly transport: UpstreamTransport;
  upstream(behaviour: Behaviour): UpstreamSettings;
  close(): Promise<void>;
}

/** What every transport keeps, whatever it carries over. */
export function upstreamTransportContract(name: string, open: () => Promise<TransportUnderTest>): void {
  describe(`${name} as a transport`, () => {
    let tested: TransportUnderTest;
    const send = (behaviour: Behaviour, sink: RecordingSink) => {
      const exchange = tested.transport.send(tested.upstream(behaviour), request(behaviour !== 'answers'), sink);
      // Never from within `send`.
      expect(sink.told).toEqual([]);
      return exchange;
    };

    beforeAll(async () => {
      tested = await open();
    });
    afterAll(async () => {
      await tested.close();
    });

    it('tells a head, data and an end, once each and in this order, and not before send has returned', async () => {
      const sink = new RecordingSink();
      send('answers', sink);
      await sink.over;
      await sleep(20);
      expect(sink.order).toBe('head data end');
      expect(sink.status).toBe(200);
      expect(sink.headers['content-type']).toBe('application/json');
      expect(JSON.parse(sink.text)).toMatchObject({ object: 'chat.completion', model: 'm' });
    });

    it('tells names of headers in lower case, values as strings', async () => {
      const sink = new RecordingSink();
      send('answers', sink);
      await sink.over;
      for (const [header, value] of Object.entries(sink.headers)) expect([header, typeof value]).toEqual([header.toLowerCase(), 'string']);
    });

    it('sends a body that stands in pieces as one', async () => {
      const { body, ...rest } = request(false, 'a-model-in-pieces');
      const at = body.indexOf('-model') + 3;
      const sink = new RecordingSink();
      const pieces = { body: body.subarray(0, at), bodyRest: [body.subarray(at, at + 2), body.subarray(at + 2)] };
      tested.transport.send(tested.upstream('answers'), { ...rest, ...pieces }, sink);
      await sink.over;
      expect([sink.order, sink.status]).toEqual(['head data end', 200]);
      expect(JSON.parse(sink.text)).toMatchObject({ model: 'a-model-in-pieces' });
    });

    it('brings a stream as it arrives', async () => {
      const sink = new RecordingSink();
      send('streams', sink);
      await sink.over;
      expect(sink.order).toBe('head data end');
      expect(sink.headers['content-type']).toContain('text/event-stream');
      expect(sink.chunks.length).toBeGreaterThan(20);
      expect(sink.text.endsWith('data: [DONE]\n\n')).toBe(true);
    });

    it('brings nothing more after data was told to stop, until resumed, and then everything', async () => {
      const sink = new RecordingSink(3);
      const exchange = send('streams', sink);
      let seen = 0;
      for (let stop = 0; stop < 3; stop++) {
        await until(() => sink.chunks.length > seen);
        seen = sink.chunks.length;
        await sleep(30);
        expect(sink.chunks).toHaveLength(seen);
        exchange.resume();
      }
      await sink.over;
      expect(sink.order).toBe('head data end');
      expect(sink.text.endsWith('data: [DONE]\n\n')).toBe(true);
    });

    it('takes a resume that nobody waited for, and one too many', async () => {
      const sink = new RecordingSink(1);
      const exchange = send('streams', sink);
      exchange.resume();
      await until(() => sink.chunks.length === 1);
      exchange.resume();
      exchange.resume();
      await sink.over;
      exchange.resume();
      expect(sink.order).toBe('head data end');
    });

    it('tells nothing after it was cancelled before the head', async () => {
      const sink = new RecordingSink();
      const exchange = send('hangs', sink);
      await sleep(20);
      exchange.cancel();
      await sleep(30);
      expect(sink.told).toEqual([]);
    });

    it('tells nothing after it was cancelled at once', async () => {
      const sink = new RecordingSink();
      send('answers', sink).cancel();
      await sleep(50);
      expect(sink.told).toEqual([]);
    });

    it.each(['head', 'data'] as const)('tells nothing after it was cancelled from within %s', async (moment) => {
      const sink = new RecordingSink();
      const exchange = send('streams', sink);
      sink.onTold = (what) => {
        if (what === moment) exchange.cancel();
      };
      await until(() => sink.told.includes(moment));
      const told = sink.told.length;
      await sleep(60);
      expect(sink.told).toHaveLength(told);
    });

    it('tells nothing after it was cancelled while stopped', async () => {
      const sink = new RecordingSink(1);
      const exchange = send('streams', sink);
      await until(() => sink.chunks.length === 1);
      exchange.cancel();
      exchange.resume();
      await sleep(60);
      expect(sink.order).toBe('head data');
      expect(sink.chunks).toHaveLength(1);
    });

    it('takes a cancel after the end, and goes on to serve', async () => {
      const sink = new RecordingSink();
      const exchange = send('answers', sink);
      await sink.over;
      exchange.cancel();
      exchange.cancel();
      const next = new RecordingSink();
      send('answers', next);
      expect((await next.over).order).toBe('head data end');
    });

    it('tells of a cut after the head as interrupted, once, after what had arrived', async () => {
      const sink = new RecordingSink();
      send('cut', sink);
      await sink.over;
      await sleep(20);
      expect(sink.order).toBe('head data fail');
      expect(sink.failure).toBeInstanceOf(UpstreamFailure);
      expect(sink.failure?.kind).toBe('interrupted');
    });

    it('keeps a hundred exchanges at once apart', async () => {
      const sinks = await Promise.all(
        Array.from({ length: 100 }, (_, index) => {
          const sink = new RecordingSink();
          tested.transport.send(tested.upstream('answers'), request(false, `model-${index}`), sink);
          return sink.over;
        }),
      );
      expect(sinks.map(({ text }) => (JSON.parse(text) as { model: string }).model)).toEqual(sinks.map((_, index) => `model-${index}`));
    });
  });
}

export function request(stream: boolean, model = 'm', path = '/chat/completions'): UpstreamRequest {
  const body = { model, stream, messages: [{ role: 'user', content: 'one two three four five six seven eight nine ten '.repeat(2) }] };
  return { path, headers: { 'content-type': 'application/json', accept: 'application/json' }, body: Buffer.from(JSON.stringify(body)) };
}

export async function until(holds: () => boolean, withinMs = 5_000): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('it did not come about in time');
    await sleep(1);
  }
}
