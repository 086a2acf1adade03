import type { IncomingMessage } from 'node:http';
import type { GatewayError } from '../contracts/gateway-error.js';

/**
 * Under overload a connection costs more than the rest of a small body: Node accepts one a turn of its event loop, and turns are long then.
 * Its parser throws away what was announced, and takes nothing of it for a request.
 */
export function isCheapToDrop({ headers }: IncomingMessage, { code }: GatewayError): boolean {
  return code === 'overloaded' && headers.expect === undefined && Number(headers['content-length'] ?? Infinity) <= CHEAP_BYTES;
}

const CHEAP_BYTES = 256 * 1024;
