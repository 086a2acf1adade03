import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { requestContext } from '../../test/doubles/request-context.js';
import { GatewayError } from '../contracts/gateway-error.js';
import { overloaded } from '../contracts/overloaded.js';
import { writeRefusal } from './refusal.js';

describe('a refusal before the body was read', () => {
  let server: Server;
  let error: GatewayError;
  let heads = 0;

  beforeAll(async () => {
    server = createServer((_request, response) => {
      heads++;
      writeRefusal(response, requestContext(), error);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  beforeEach(() => {
    heads = 0;
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** A head that announces a body, the answer to it, and only then the body, which looks like requests, and a request behind it. */
  async function talk(length: number): Promise<{ statuses: string[]; closed: boolean }> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    let text = '';
    let closed = false;
    socket.on('data', (data) => (text += data.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => (closed = true));
    socket.on('end', () => (closed = true));
    const statuses = (): string[] => text.match(/HTTP\/1\.1 \d+/g) ?? [];
    const until = async (holds: () => boolean): Promise<void> => {
      for (const end = Date.now() + 5_000; !holds() && Date.now() < end;) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    socket.write(`POST / HTTP/1.1\r\nHost: h\r\nContent-Length: ${length}\r\n\r\n`);
    await until(() => statuses().length > 0 && text.includes('}}'));
    socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(length).slice(0, length));
    socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await until(() => closed || statuses().length > 1);
    const seen = { statuses: statuses(), closed };
    socket.destroy();
    return seen;
  }

  it('under overload keeps the connection of a small body, and takes nothing of that body for a request', async () => {
    error = overloaded();
    expect(await talk(60_000)).toEqual({ statuses: ['HTTP/1.1 503', 'HTTP/1.1 503'], closed: false });
    expect(heads).toBe(2);
  });

  it('ends the connection of a large body', async () => {
    error = overloaded();
    expect(await talk(300_000)).toEqual({ statuses: ['HTTP/1.1 503'], closed: true });
  });

  it('ends the connection whatever the size, where it is no overload', async () => {
    error = new GatewayError('invalid_api_key', 'No.');
    expect(await talk(100)).toEqual({ statuses: ['HTTP/1.1 401'], closed: true });
    expect(heads).toBe(1);
  });
});
