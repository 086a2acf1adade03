import { TroubledGateway } from '../doubles/troubled-gateway.js';

/** Connections that must not serve the next call, or only with care. */
const CONNECTIONS = [
  'cl-shorter',
  'cl-and-te',
  'unasked:0',
  'unasked:1',
  'trailers:length',
  'close-after',
  'keep-alive-close:5',
  'no-keep-alive',
  'early:413',
];

describe('a connection to an upstream', () => {
  let house: TroubledGateway;

  beforeAll(async () => {
    house = await TroubledGateway.start([...CONNECTIONS, 'big-body:8000000']);
  });

  afterAll(() => house.stop());

  it.each(CONNECTIONS)('%s: no byte of one answer is ever part of another', async (mode) => {
    for (let call = 0; call < 6; call += 1) {
      const { status, text, words } = await house.tell(house.named(mode), mode);
      expect(text).not.toContain('UNASKED');
      expect(text).not.toContain('set-cookie');
      if (status === 200) expect(words).toBe('Hello from the fault server.');
      else expect([413, 502]).toContain(status);
      await new Promise((resolve) => setTimeout(resolve, 3 * call));
    }
  });

  it('is not listened to for more than one answer may hold', async () => {
    const mode = 'big-body:8000000';
    expect(await house.tell(house.named(mode), mode)).toMatchObject({ status: 502, error: { code: 'upstream_invalid_response' } });
    expect(await house.tell(house.saved(mode), mode)).toMatchObject({ status: 200, words: 'saved' });
  });
});
