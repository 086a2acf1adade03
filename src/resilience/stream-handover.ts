import { UpstreamFailure } from '../upstream/upstream-failure.js';
import type { GatheredBytes } from './gathered-bytes.js';
import type { StreamSink } from './live-stream.js';

/** A stream's way to its client: what comes before the client follows is kept for it, and so is how the stream ended. */
export class StreamHandover {
  private client: StreamSink | undefined;
  /** The stream's tail, or what broke it. */
  private ending: Buffer | UpstreamFailure | undefined;

  constructor(private readonly kept: GatheredBytes) {}

  /** Answers whether more is wanted now. */
  write(bytes: Buffer): boolean {
    if (this.client !== undefined) return this.client.write(bytes);
    this.kept.add(bytes);
    return false;
  }

  /** Answers whether more is wanted now. */
  follow(client: StreamSink): boolean {
    this.client = client;
    const flows = client.write(this.kept.take());
    if (this.ending === undefined) return flows;
    this.tell(client, this.ending);
    return false;
  }

  end(ending: Buffer | UpstreamFailure): void {
    this.ending = ending;
    if (this.client !== undefined) this.tell(this.client, ending);
  }

  private tell(client: StreamSink, ending: Buffer | UpstreamFailure): void {
    if (!(ending instanceof UpstreamFailure)) client.end(ending);
    else if (ending.kind !== 'client_gone') client.fail(ending);
  }
}
