// A collector that swallows what it is told by OTLP over HTTP, and counts the spans; a GET is answered with their number.
// It runs as a process of its own: `node collector-process.ts PORT`, on loopback.
import { createServer } from 'node:http';

/** Where spans stand in an export, by the numbers of the fields: resource, scope, span. */
const SPAN_PATH = [1, 2, 2];
const LENGTH_DELIMITED = 2;
let spans = 0;

createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    if (request.method === 'GET') return response.end(String(spans));
    if (request.url?.endsWith('/v1/traces')) spans += count(Buffer.concat(chunks), SPAN_PATH);
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
}).listen({ port: Number(process.argv[2]), host: '127.0.0.1' });

/** How many fields a protobuf message holds at the end of this path. All fields on the way to a span are length-delimited. */
function count(message: Buffer, [field, ...rest]: readonly number[]): number {
  if (field === undefined) return 1;
  let found = 0;
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; ; shift *= 128) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = varint();
    if (tag % 8 !== LENGTH_DELIMITED) throw new Error('this is no export of spans');
    const length = varint();
    if (Math.floor(tag / 8) === field) found += count(message.subarray(at, at + length), rest);
    at += length;
  }
  return found;
}
