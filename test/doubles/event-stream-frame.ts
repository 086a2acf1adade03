import { crc32 } from 'node:zlib';

/** One message of an AWS event stream, as AWS writes it. */
export function eventStreamFrame(headers: Readonly<Record<string, string>>, payload: object | string): Buffer {
  const body = Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload));
  const fields = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const bytes = Buffer.from(value);
      return Buffer.concat([Buffer.from([name.length]), Buffer.from(name), Buffer.from([7, bytes.length >> 8, bytes.length & 255]), bytes]);
    }),
  );
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + fields.length + body.length, 0);
  prelude.writeUInt32BE(fields.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const message = Buffer.concat([prelude, fields, body]);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(message));
  return Buffer.concat([message, checksum]);
}

export function eventFrame(type: string, payload: object | string): Buffer {
  return eventStreamFrame({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }, payload);
}

export function exceptionFrame(type: string, payload: object | string): Buffer {
  return eventStreamFrame({ ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' }, payload);
}
