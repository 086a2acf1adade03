import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectSecure } from 'node:tls';
import { ConnectTimeout } from './connect-timeout.js';
import type { HostNames } from './host-names.js';
import type { UpstreamAddress } from './upstream-address.js';

/** What the sockets of one address have in common. */
export interface SocketTools {
  readonly address: UpstreamAddress;
  readonly names: HostNames;
  /** From the name's lookup to the end of the TLS handshake. */
  readonly connectTimeoutMs: number;
  /** The last TLS session, to be taken up again. */
  session: Buffer | undefined;
}

/**
 * Opens one connection, TLS always verified whatever the environment says. `settled` is called once, and never before this returns;
 * a socket that is destroyed before it is ready settles with an error. `read` is told how many bytes stand at the beginning of a buffer
 * that is valid during the call alone; false stops the reading until the socket is resumed.
 */
export function openSocket(tools: SocketTools, read: (bytes: Buffer, length: number) => boolean, settled: (error?: Error) => void): Socket {
  const { address, names } = tools;
  const where = {
    host: address.host,
    port: address.port,
    lookup: names.lookup,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: TCP_PROBE_MS,
    onread: { buffer: READ_BUFFER ?? Buffer.allocUnsafe(READ_BYTES), callback: (length: number, bytes: Uint8Array) => read(bytes as Buffer, length) },
  };
  const socket = address.secure
    ? connectSecure({
        ...where,
        ...(address.isName ? { servername: address.host } : {}),
        ...(tools.session === undefined ? {} : { session: tools.session }),
        ALPNProtocols: ['http/1.1'],
        rejectUnauthorized: true,
        minVersion: 'TLSv1.2',
      }).on('session', (session) => (tools.session = session))
    : connectPlain(where);
  let isOpen = false;
  const settle = (error?: Error): void => {
    if (isOpen) return;
    isOpen = true;
    clearTimeout(timer);
    if (error !== undefined && address.isName) names.doubt(address.host);
    settled(error);
  };
  // What arrived while this process was busy is looked at before the time-out counts.
  const late = (): void => {
    if (isOpen) return;
    const reason = !socket.connecting ? 'TLS_TIMEOUT' : address.isName && names.isAsking(address.host) ? 'EAI_AGAIN' : 'ETIMEDOUT';
    socket.destroy(new ConnectTimeout(reason));
  };
  const timer = setTimeout(() => setImmediate(late), tools.connectTimeoutMs);
  socket.once(address.secure ? 'secureConnect' : 'connect', () => settle());
  socket.on('error', settle);
  socket.once('close', () => settle(new Error('closed before it was connected')));
  return socket;
}

const TCP_PROBE_MS = 60_000;
const READ_BYTES = 64 * 1024;
/** Read, and told of, at once: one for all sockets will do, but on Windows, where reads are under way on many sockets at a time. */
const READ_BUFFER = process.platform === 'win32' ? undefined : Buffer.allocUnsafeSlow(READ_BYTES);
