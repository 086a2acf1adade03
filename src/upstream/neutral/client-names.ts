import type { InferenceCall } from '../../contracts/inference-call.js';
import type { InboundDialect } from './inbound-dialect.js';
import type { NeutralEvent } from './neutral-event.js';
import { looksShort, shortName } from './short-names.js';

/** The names that a client gave its tools, for the calls of one reply: the request is read again where one may have been made short. */
export class ClientNames {
  private names: ReadonlyMap<string, string> | undefined;

  constructor(
    private readonly inbound: InboundDialect,
    private readonly call: InferenceCall,
  ) {}

  told(event: NeutralEvent): NeutralEvent {
    if (event.kind !== 'tool_call' || !looksShort(event.name)) return event;
    this.names ??= new Map(this.inbound.read(this.call).tools.map(({ name }) => [shortName(name), name]));
    const name = this.names.get(event.name);
    return name === undefined ? event : { ...event, name };
  }
}
