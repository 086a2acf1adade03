/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** Lower case; of a repeated header the values joined with `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Takes requests out of a connection's bytes; knows Content-Length and chunked bodies. */
export class RequestReader {
  private held: Buffer = Buffer.alloc(0);

  /** The requests that these bytes completed. */
  write(bytes: Buffer): WireRequest[] {
    this.held = this.held.length === 0 ? bytes : Buffer.concat([this.held, bytes]);
    const requests: WireRequest[] = [];
    for (let request = this.next(); request !== undefined; request = this.next()) requests.push(request);
    return requests;
  }

  private next(): WireRequest | undefined {
    const headEnd = this.held.indexOf('\r\n\r\n');
    if (headEnd < 0) return undefined;
    const [first = '', ...lines] = this.held.toString('latin1', 0, headEnd).split('\r\n');
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[name] = name in headers ? `${headers[name]}, ${value}` : value;
    }
    const from = headEnd + 4;
    const body = headers['transfer-encoding'] === 'chunked' ? this.chunked(from) : this.counted(from, Number(headers['content-length'] ?? 0));
    if (body === undefined) return undefined;
    this.held = this.held.subarray(body.end);
    const [method = '', path = ''] = first.split(' ');
    return { method, path, headers, body: body.bytes };
  }

  private counted(from: number, length: number): { bytes: Buffer; end: number } | undefined {
    const end = from + length;
    return this.held.length < end ? undefined : { bytes: this.held.subarray(from, end), end };
  }

  private chunked(from: number): { bytes: Buffer; end: number } | undefined {
    const parts: Buffer[] = [];
    for (let at = from; ;) {
      const lineEnd = this.held.indexOf('\r\n', at);
      if (lineEnd < 0) return undefined;
      const size = Number.parseInt(this.held.toString('latin1', at, lineEnd), 16);
      const end = lineEnd + 2 + size + 2;
      if (!(size >= 0) || this.held.length < end) return undefined;
      if (size === 0) return { bytes: Buffer.concat(parts), end };
      parts.push(this.held.subarray(lineEnd + 2, lineEnd + 2 + size));
      at = end;
    }
  }
}
