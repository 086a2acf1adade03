import { randomBytes } from 'node:crypto';

/** Marked secrets for every slot that takes one; whatever slot one came from, it is found by the same mark, in any usual disguise. */
export class Secrets {
  /** Letters and digits alone, so that no encoding of text changes it. */
  readonly mark = `cNrY${randomBytes(10).toString('hex')}`;
  private readonly disguises: ReadonlyMap<string, string>;

  constructor() {
    const { mark } = this;
    const plain = Buffer.from(mark);
    const found: [string, string][] = [
      ['plain', mark],
      ['its first twelve letters', mark.slice(0, 12)],
      ['hex', plain.toString('hex')],
      ['backwards', [...mark].toReversed().join('')],
    ];
    // Where it begins within a group of three bytes decides how it looks; letters that share bits with neighbours are left out.
    for (const lead of [0, 1, 2]) {
      const encoded = Buffer.concat([Buffer.alloc(lead, 'x'), plain])
        .toString('base64')
        .replace(/=+$/, '');
      found.push([`base64`, encoded.slice(lead === 0 ? 0 : lead + 1, -2)]);
    }
    this.disguises = new Map(found.map(([name, text]) => [text, name]));
  }

  of(slot: string): string {
    return `sk-${this.mark}-${slot}`;
  }

  /** How a secret stands in this text; undefined: it does not. */
  foundIn(text: string): string | undefined {
    for (const [disguise, name] of this.disguises) if (text.includes(disguise)) return name;
    return undefined;
  }
}
