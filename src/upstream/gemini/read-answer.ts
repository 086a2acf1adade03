import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import { asArray, parsedJson } from '../openai/json-value.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { ResponseEvents } from './response-events.js';

/** A whole body: one response, or the list of them that a stream without `alt=sse` is. */
export function readAnswer(body: Buffer, upstream: Pick<UpstreamSettings, 'apiKey'>): readonly NeutralEvent[] {
  const text = body.toString('utf8');
  const json = parsedJson(text);
  const responses = new ResponseEvents(body.length, upstream);
  const events: NeutralEvent[] = [];
  for (const response of asArray(json) ?? [json]) {
    const taken = responses.take(response, text);
    if (taken === undefined)
      return [...events, { kind: 'failure', failure: new UpstreamFailure('invalid', 'The upstream sent an answer that makes no sense.') }];
    for (const event of taken) {
      events.push(event);
      if (event.kind === 'failure') return events;
    }
  }
  events.push(...responses.end());
  return events;
}
