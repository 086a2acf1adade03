import type { MockSettings } from '../../contracts/gateway-settings.js';
import { UpstreamFailure } from '../upstream-failure.js';
import type { Exchange, ReplySink } from '../upstream-transport.js';
import type { MockAnswer } from './mock-answer.js';

/** Plays an answer as it would come over a wire: a head, its bytes in time, an end or a cut. */
export class MockExchange implements Exchange {
  private timer: NodeJS.Timeout | undefined;
  private immediate: NodeJS.Immediate | undefined;
  private isOver = false;
  private isPaused = false;
  /** The piece that is next, and when the first token was due. */
  private next = 0;
  private startedAt = 0;

  constructor(
    private readonly answer: MockAnswer,
    private readonly settings: MockSettings,
    private readonly sink: ReplySink,
  ) {}

  begin(): void {
    const { answer, settings } = this;
    const thinkingMs = answer.stream || settings.tokensPerSecond === 0 ? 0 : (answer.tokens / settings.tokensPerSecond) * 1000;
    this.after(settings.ttftMs + thinkingMs, start);
  }

  start(): void {
    this.startedAt = performance.now();
    this.sink.head(this.answer.status, this.answer.headers);
    this.play();
  }

  resume(): void {
    if (!this.isPaused || this.isOver) return;
    this.isPaused = false;
    this.after(0, play);
  }

  cancel(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    clearImmediate(this.immediate);
  }

  /** Sends what is due. What is due at once goes out together, as it would in one segment. */
  play(): void {
    while (!this.isOver && !this.isPaused) {
      const due = this.dueUpTo();
      if (due <= this.next) return this.goOn();
      const bytes = this.cut(Buffer.concat(this.answer.pieces.slice(this.next, due)));
      this.next = due;
      if (!this.sink.data(bytes)) this.isPaused = true;
    }
  }

  /** Nothing more is due: the end, the cut, or a wait for the next token. */
  private goOn(): void {
    const { pieces } = this.answer;
    if (this.isCutAt(this.next)) return this.break();
    if (this.next < pieces.length) return this.after(this.dueAt(this.next) - performance.now(), play);
    this.isOver = true;
    this.sink.end();
  }

  private break(): void {
    this.isOver = true;
    this.sink.fail(new UpstreamFailure('interrupted', 'The upstream broke off its answer.'));
  }

  /** The first piece that may not be sent yet. */
  private dueUpTo(): number {
    const { answer, settings } = this;
    const cutAt = this.lastPiece();
    const batch = Math.min(cutAt, this.next + PIECES_AT_ONCE);
    if (!answer.stream || settings.tokensPerSecond === 0) return batch;
    const now = performance.now();
    let due = this.next;
    while (due < batch && this.dueAt(due) <= now) due++;
    return due;
  }

  /** When a piece is due: those before the first token with the head, those after the last with the last. */
  private dueAt(piece: number): number {
    const { tokensFrom, tokens } = this.answer;
    const token = Math.min(Math.max(0, piece - tokensFrom), Math.max(0, tokens - 1));
    return this.startedAt + (token * 1000) / this.settings.tokensPerSecond;
  }

  private lastPiece(): number {
    const { pieces, stream, tokensFrom } = this.answer;
    const { cutAfter } = this.settings;
    return stream && cutAfter !== undefined ? Math.min(pieces.length, tokensFrom + cutAfter) : pieces.length;
  }

  private isCutAt(piece: number): boolean {
    const { cutAfter } = this.settings;
    if (cutAfter === undefined || this.answer.status > 299) return false;
    return piece >= this.lastPiece() && (!this.answer.stream || piece < this.answer.pieces.length);
  }

  /** Of a body that is to be cut, the first half. */
  private cut(bytes: Buffer): Buffer {
    return !this.answer.stream && this.isCutAt(this.answer.pieces.length) ? bytes.subarray(0, bytes.length >> 1) : bytes;
  }

  private after(ms: number, step: (exchange: MockExchange) => void): void {
    if (ms <= 0) this.immediate = setImmediate(step, this);
    else this.timer = setTimeout(step, ms, this);
  }
}

const PIECES_AT_ONCE = 64;
const start = (exchange: MockExchange): void => exchange.start();
const play = (exchange: MockExchange): void => exchange.play();
