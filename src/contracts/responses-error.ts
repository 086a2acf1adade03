import type { ErrorBody } from './gateway-error.js';

/**
 * The members of the event `error` that comes before `response.failed`, as it does from OpenAI: its libraries throw upon it, and clients that look
 * for nothing else would take a broken response for a whole one. The error stands in both places in which clients look for it.
 */
export function responsesError({ error: { type, message, param } }: ErrorBody, code: string): object {
  return { code, message, param, error: { type: type ?? 'server_error', code, message, param } };
}
