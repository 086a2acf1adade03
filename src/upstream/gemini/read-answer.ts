import type { UpstreamSettings } from '../../contracts/gateway-settings.js';
import type { NeutralEvent } from '../neutral/neutral-event.js';
import { asArray, asObject, parsedJson } from '../openai/json-value.js';
import { UpstreamFailure } from '../upstream-failure.js';
import { ResponseEvents } from './response-events.js';

/** A whole body: one response, or the list of them that a stream without `alt=sse` is. */
export function readAnswer(body: Buffer, upstream: Pick<UpstreamSettings, 'apiKey'>): readonly NeutralEvent[] {
  const json = parsedJson(body.toString('utf8'));
  const responses = new ResponseEvents(body.length, upstream);
  const events: NeutralEvent[] = [];
  for (const item of asArray(json) ?? [json]) {
    const response = asObject(item);
    if (response === undefined)
      events.push({ kind: 'failure', failure: new UpstreamFailure('invalid', 'The upstream sent an answer that is no JSON object.') });
    else responses.event(response, '', events);
    if (events.some(({ kind }) => kind === 'failure')) return events;
  }
  responses.end(events, true);
  if (!events.some(({ kind }) => kind === 'finish' || kind === 'failure'))
    events.push({ kind: 'failure', failure: new UpstreamFailure('invalid', 'The upstream sent an answer without an end.') });
  return events;
}
