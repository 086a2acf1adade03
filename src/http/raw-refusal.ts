import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { GatewayError } from '../contracts/gateway-error.js';

/** By the code of Node's parser. */
export const RAW_REFUSALS: Readonly<Record<string, GatewayError>> = {
  HPE_HEADER_OVERFLOW: new GatewayError('headers_too_large', 'The request line and headers together may not be larger than 16 KiB.'),
  HPE_CHUNK_EXTENSIONS_OVERFLOW: new GatewayError('request_too_large', 'The chunk extensions of the body are larger than this gateway takes.'),
  ERR_HTTP_REQUEST_TIMEOUT: new GatewayError(
    'request_timeout',
    'The request line and headers did not arrive in time (GATEWAY_HEADER_TIMEOUT_SECONDS).',
  ),
};

/** A whole response as text, for a socket on which no response object stands. The connection ends with it. */
export function rawRefusal(error: GatewayError): string {
  const body = JSON.stringify(error.body);
  const allow = error.details.headers?.['allow'];
  return [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ''}`,
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    `x-request-id: req_${randomUUID().replaceAll('-', '')}`,
    ...(allow === undefined ? [] : [`allow: ${allow}`]),
    'connection: close',
    '',
    body,
  ].join('\r\n');
}
