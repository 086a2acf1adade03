/** A message of protobuf, seen by its wire alone: what each number of a field holds, in order. */
export class ProtobufFields {
  private readonly fields = new Map<number, (bigint | Buffer)[]>();

  constructor(bytes: Buffer) {
    let at = 0;
    const varint = (): bigint => {
      let value = 0n;
      for (let shift = 0n; ; shift += 7n) {
        const byte = bytes[at++];
        if (byte === undefined) throw new Error('a varint is cut');
        value |= BigInt(byte & 0x7f) << shift;
        if (byte < 0x80) return value;
      }
    };
    const taken = (length: number): Buffer => {
      if (at + length > bytes.length) throw new Error('a field is cut');
      return bytes.subarray(at, (at += length));
    };
    while (at < bytes.length) {
      const tag = Number(varint());
      const value = ((): bigint | Buffer => {
        switch (tag & 7) {
          case 0:
            return varint();
          case 1:
            return taken(8);
          case 2:
            return taken(Number(varint()));
          case 5:
            return taken(4);
        }
        throw new Error(`wire type ${tag & 7}`);
      })();
      this.fields.set(tag >> 3, [...(this.fields.get(tag >> 3) ?? []), value]);
    }
  }

  has(number: number): boolean {
    return this.fields.has(number);
  }

  messages(number: number): ProtobufFields[] {
    return this.buffers(number).map((bytes) => new ProtobufFields(bytes));
  }

  text(number: number): string {
    return this.buffers(number).at(-1)?.toString('utf8') ?? '';
  }

  hex(number: number): string {
    return this.buffers(number).at(-1)?.toString('hex') ?? '';
  }

  whole(number: number): number {
    const last = this.fields.get(number)?.at(-1);
    return typeof last === 'bigint' ? Number(BigInt.asIntN(64, last)) : last === undefined ? 0 : Number(last.readBigInt64LE());
  }

  double(number: number): number {
    return this.buffers(number).at(-1)?.readDoubleLE() ?? 0;
  }

  /** Packed numbers of eight bytes. */
  doubles(number: number): number[] {
    return this.buffers(number).flatMap((packed) => Array.from({ length: packed.length / 8 }, (_, index) => packed.readDoubleLE(index * 8)));
  }

  private buffers(number: number): Buffer[] {
    return (this.fields.get(number) ?? []).filter((value) => Buffer.isBuffer(value));
  }
}
