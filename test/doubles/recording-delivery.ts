import type { Target } from '../../src/contracts/target.js';
import type { Answer, Delivery } from '../../src/resilience/delivery.js';
import type { LiveStream, StreamSink } from '../../src/resilience/live-stream.js';
import type { UpstreamFailure } from '../../src/upstream/upstream-failure.js';

/** A client's end that writes down what it was given, and can leave. */
export class RecordingDelivery implements Delivery, StreamSink {
  gone = false;
  text = '';
  /** How it ended, once a time: a second entry is a fault of the house. */
  readonly endings: string[] = [];
  target: Target | undefined;
  live: LiveStream | undefined;
  listener: (() => void) | undefined;
  failure: UpstreamFailure | undefined;
  /** The client reads: `write` answers this. */
  reads = true;

  leave(): void {
    this.gone = true;
    const { listener } = this;
    this.listener = undefined;
    listener?.();
  }

  onGone(listener: (() => void) | undefined): void {
    this.listener = listener;
  }

  answer(answer: Answer, target: Target): void {
    this.target = target;
    this.text = answer.body.toString();
    this.endings.push('answer');
  }

  stream(live: LiveStream, target: Target): void {
    this.target = target;
    this.live = live;
    this.listener = () => live.cancel();
    if (this.gone) live.cancel();
    else live.follow(this);
  }

  write(bytes: Buffer): boolean {
    this.text += bytes.toString();
    return this.reads;
  }

  end(tail: Buffer): void {
    this.text += tail.toString();
    this.endings.push('end');
  }

  fail(failure: UpstreamFailure): void {
    this.failure = failure;
    this.endings.push(failure.kind);
  }
}
