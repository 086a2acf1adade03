/** What is sent to an upstream, but for where it goes. */
export interface PreparedRequest {
  /** `POST /v1/chat/completions HTTP/1.1`, and the headers that every request of this kind has. */
  readonly start: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What follows it. */
  readonly bodyRest?: readonly Buffer[] | undefined;
}

/**
 * The head of a request as latin1 text. Asks for no compression, whatever the client could read, and frames the body itself. Throws
 * where a header could not be told from others: that would be a fault of this house, and nothing is sent.
 */
export function requestHead({ start, headers, body, bodyRest }: PreparedRequest, keepsAlive: boolean): string {
  let head = start;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || OURS.has(name)) continue;
    if (!TOKEN.test(name) || !FIELD_VALUE.test(value)) throw new Error(`the header ${JSON.stringify(name)} cannot be sent`);
    head += `${name}: ${value}\r\n`;
  }
  let length = body.length;
  if (bodyRest !== undefined) for (const piece of bodyRest) length += piece.length;
  return `${head}${keepsAlive ? 'connection: keep-alive' : 'connection: close'}\r\ncontent-length: ${length}\r\n\r\n`;
}

/** The part of a request that is the same for all of one path. */
export function requestStart(path: string, host: string): string {
  if (!PATH.test(path)) throw new Error('the path cannot be sent');
  return `POST ${path} HTTP/1.1\r\nhost: ${host}\r\naccept-encoding: identity\r\n`;
}

const OURS = new Set([
  'host',
  'accept-encoding',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'te',
  'trailer',
  'upgrade',
  'expect',
]);
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const PATH = /^\/[\x21-\x7e\x80-\xff]*$/;
