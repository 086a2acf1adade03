import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { ChunkedBody } from './chunked-body.js';

describe('a body in chunks of our own', () => {
  let server: Server;
  let client: Socket;
  let received: Buffer[];
  let responses: ServerResponse[];

  beforeEach(async () => {
    responses = [];
    received = [];
    server = createServer((_request, response) => void responses.push(response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined);
    client.on('data', (bytes) => received.push(bytes));
  });

  afterEach(() => {
    client.destroy();
    server.closeAllConnections();
    server.close();
  });

  async function until(holds: () => boolean): Promise<void> {
    for (const end = Date.now() + 5_000; !holds() && Date.now() < end;) await new Promise((resolve) => setTimeout(resolve, 2));
    expect(holds()).toBe(true);
  }

  async function asked(head: string, count = 1): Promise<void> {
    client.write(`${head}\r\nHost: h\r\n\r\n`.repeat(count));
    await until(() => responses.length === count);
  }

  function begun(index: number, onRoom: () => void = () => undefined): ChunkedBody {
    const response = responses[index] as ServerResponse;
    response.writeHead(200, ['date', 'now']);
    return new ChunkedBody(response, onRoom);
  }

  const text = (): string => Buffer.concat(received).toString('latin1');

  it('frames each write as a chunk, the last with the end, after the head', async () => {
    await asked('GET / HTTP/1.1');
    const body = begun(0);
    expect(body.write(Buffer.from('first'))).toBe(true);
    expect(body.write(Buffer.from('second piece'))).toBe(true);
    await until(() => text().includes('second piece\r\n'));
    body.write(Buffer.from('x'.repeat(300)));
    body.end(Buffer.from('last'));
    await until(() => text().endsWith('0\r\n\r\n'));
    expect(text().split('\r\n\r\n').slice(1).join('\r\n\r\n')).toBe(
      `5\r\nfirst\r\nc\r\nsecond piece\r\n12c\r\n${'x'.repeat(300)}\r\n4\r\nlast\r\n0\r\n\r\n`,
    );
    expect(text().match(/HTTP\/1\.1 200/g)).toHaveLength(1);
  });

  it('ends without a last piece, and the connection serves on', async () => {
    await asked('GET / HTTP/1.1');
    const body = begun(0);
    body.write(Buffer.from('a'));
    body.end(Buffer.alloc(0));
    await until(() => text().endsWith('1\r\na\r\n0\r\n\r\n'));
    client.write('GET /again HTTP/1.1\r\nHost: h\r\n\r\n');
    await until(() => responses.length === 2);
    begun(1).end(Buffer.from('b'));
    await until(() => text().endsWith('1\r\nb\r\n0\r\n\r\n'));
  });

  it('leaves the bytes as they are for HTTP/1.0', async () => {
    await asked('GET / HTTP/1.0');
    const body = begun(0);
    body.write(Buffer.from('one '));
    body.write(Buffer.from('two '));
    body.end(Buffer.from('three'));
    await until(() => text().endsWith('\r\n\r\none two three'));
  });

  it('keeps the order of answers to requests that were sent at once', async () => {
    await asked('GET / HTTP/1.1', 2);
    const second = begun(1);
    second.write(Buffer.from('later'));
    second.write(Buffer.from('still later'));
    const first = begun(0);
    first.write(Buffer.from('now'));
    first.end(Buffer.from('and done'));
    second.end(Buffer.from('end'));
    await until(() => text().endsWith('3\r\nend\r\n0\r\n\r\n'));
    expect(text().replaceAll('\r\n', ' ')).toMatch(/now .*and done .*later .*still later .*end/);
  });

  it('tells a client that does not read from one that does, and when there is room again', async () => {
    let rooms = 0;
    await asked('GET / HTTP/1.1');
    const body = begun(0, () => rooms++);
    client.pause();
    let pieces = 0;
    while (body.write(Buffer.alloc(16 * 1024, 97))) expect(pieces++).toBeLessThan(2_000);
    expect(body.isFull).toBe(true);
    expect(body.write(Buffer.alloc(0))).toBe(false);
    expect(body.write(Buffer.from('one more'))).toBe(false);
    expect(rooms).toBe(0);
    client.resume();
    await until(() => rooms > 0);
    expect(body.isFull).toBe(false);
    expect(body.write(Buffer.from('goes on'))).toBe(true);
    body.end(Buffer.alloc(0));
    await until(() => text().endsWith('8\r\none more\r\n7\r\ngoes on\r\n0\r\n\r\n'));
    expect(rooms).toBe(1);
  });

  it('writes to nobody once the client has gone', async () => {
    await asked('GET / HTTP/1.1');
    const body = begun(0);
    body.write(Buffer.from('a'));
    client.destroy();
    await once(responses[0] as ServerResponse, 'close');
    expect(body.write(Buffer.from('b'))).toBe(false);
    body.end(Buffer.from('c'));
  });
});
