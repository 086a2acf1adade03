import type { Socket } from 'node:net';

/**
 * For a connection whose client is still sending what nobody will read. Closed at once, the kernel would answer the rest with a
 * reset, and a client that is busy sending would see that instead of its answer. So our side is closed when the answer is out, a
 * little of the rest is read and dropped, never parsed, and the client has a moment to read and to hang up.
 */
export function partGently(socket: Socket): void {
  let dropped = 0;
  // The parser is fed by this event alone, once somebody else listens to it.
  socket.removeAllListeners('data');
  socket.on('data', (bytes: Buffer) => {
    dropped += bytes.length;
    if (dropped > DROPPED_BYTES_MAX) socket.pause();
  });
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), MOMENT_MS);
    socket.once('close', () => clearTimeout(timer));
  };
}

const DROPPED_BYTES_MAX = 256 * 1024;
const MOMENT_MS = 1_000;
