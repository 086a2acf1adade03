/**
 * Follows a JSON object, list or text that arrives in pieces, cut anywhere, and tells when it is whole: by its brackets and quotation marks alone.
 * What begins otherwise never is: of a number or a word the end cannot be told. What comes after the end is not looked at.
 */
export class WholeValue {
  private depth = 0;
  private isInText = false;
  private isEscaped = false;
  private isSettled = false;
  private hasEnded = false;

  get isWhole(): boolean {
    return this.hasEnded;
  }

  take(piece: string): void {
    for (let at = 0; at < piece.length && !this.isSettled; at++) {
      if (this.isInText) at = this.inText(piece, at);
      else this.between(piece.charCodeAt(at));
    }
  }

  /** From `from` on to the end of the text, or of the piece; returns where that is. */
  private inText(piece: string, from: number): number {
    let at = this.isEscaped ? from + 1 : from;
    this.isEscaped = false;
    for (; at < piece.length; at++) {
      const code = piece.charCodeAt(at);
      if (code === QUOTE) {
        this.isInText = false;
        if (this.depth === 0) this.settle(true);
        return at;
      }
      if (code === BACKSLASH) at += 1;
    }
    this.isEscaped = at > piece.length;
    return at;
  }

  private between(code: number): void {
    switch (code) {
      case QUOTE:
        this.isInText = true;
        return;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        this.depth += 1;
        return;
    }
    if (this.depth === 0) {
      if (code > SPACE) this.settle(false);
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      this.depth -= 1;
      if (this.depth === 0) this.settle(true);
    }
  }

  private settle(isWhole: boolean): void {
    this.isSettled = true;
    this.hasEnded = isWhole;
  }
}

const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
