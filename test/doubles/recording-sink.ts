import type { UpstreamFailure } from '../../src/upstream/upstream-failure.js';
import type { ReplySink, UpstreamHeaders } from '../../src/upstream/upstream-transport.js';

/** Writes down what a transport tells, and when it is over. Takes everything, or stops the flow after each of the first `stops` chunks. */
export class RecordingSink implements ReplySink {
  readonly told: ('head' | 'data' | 'end' | 'fail')[] = [];
  status = 0;
  headers: UpstreamHeaders = {};
  readonly chunks: Buffer[] = [];
  failure: UpstreamFailure | undefined;
  /** Called with each thing told, before it is answered. */
  onTold: ((what: 'head' | 'data' | 'end' | 'fail') => void) | undefined;
  readonly over: Promise<this>;
  private isOver: ((sink: this) => void) | undefined;

  constructor(private stops = 0) {
    this.over = new Promise((resolve) => (this.isOver = resolve));
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  /** `head data end`, repeated data counted once. */
  get order(): string {
    return this.told.filter((what, index) => what !== 'data' || this.told[index - 1] !== 'data').join(' ');
  }

  head(status: number, headers: UpstreamHeaders): void {
    this.status = status;
    this.headers = headers;
    this.tell('head');
  }

  data(chunk: Buffer): boolean {
    this.chunks.push(Buffer.from(chunk));
    this.tell('data');
    if (this.stops === 0) return true;
    this.stops--;
    return false;
  }

  end(): void {
    this.tell('end');
    this.isOver?.(this);
  }

  fail(failure: UpstreamFailure): void {
    this.failure = failure;
    this.tell('fail');
    this.isOver?.(this);
  }

  private tell(what: 'head' | 'data' | 'end' | 'fail'): void {
    this.told.push(what);
    this.onTold?.(what);
  }
}
