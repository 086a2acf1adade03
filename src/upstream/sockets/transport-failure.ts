import { UpstreamFailure } from '../upstream-failure.js';

/** How far a reply had come when it broke. */
export type ReplyProgress = 'nothing' | 'head begun' | 'head told';

/** Names what broke an exchange. The message holds no address; the cause holds no byte of a reply. */
export function transportFailure(error: Error, progress: ReplyProgress, connectTimeoutMs: number): UpstreamFailure {
  const cause = withoutReply(error);
  switch (progress) {
    case 'nothing':
      if (isNoHttp(error)) return new UpstreamFailure('invalid', 'The upstream sent something that is not HTTP.', { cause });
      if (isTimeOut(error))
        return new UpstreamFailure(
          'connect_timeout',
          `The upstream could not be reached within ${connectTimeoutMs / 1000} s (GATEWAY_CONNECT_TIMEOUT_SECONDS).`,
          { cause },
        );
      return new UpstreamFailure('unreachable', 'The upstream could not be reached.', { cause });
    case 'head begun':
      return new UpstreamFailure('invalid', 'The upstream sent something that is not HTTP.', { cause });
    case 'head told':
      return isOfSystem(error)
        ? new UpstreamFailure('interrupted', 'The upstream broke off its answer.', { cause })
        : new UpstreamFailure('invalid', 'The upstream sent less, or other, than it had announced.', { cause });
  }
}

/** The system's or undici's word for an error; '' if it has none. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function isNoHttp(error: Error): boolean {
  return error.name === 'HTTPParserError' || error.name === 'AssertionError' || codeOf(error) === 'UND_ERR_HEADERS_OVERFLOW';
}

/** With several addresses Node tells of each try; one that had no answer in time outweighs those that were refused. */
function isTimeOut(error: Error): boolean {
  if (codeOf(error) === 'ETIMEDOUT') return true;
  return error instanceof AggregateError && error.errors.some((one: unknown) => one instanceof Error && codeOf(one) === 'ETIMEDOUT');
}

/** The connection itself broke (a reset, a host gone), as against what was said over it. */
function isOfSystem(error: Error): boolean {
  return /^(E[A-Z]+|ERR_SSL_\w+)$/.test(codeOf(error));
}

/** undici hangs the unread bytes on the errors of its parser; those are somebody's answer. */
function withoutReply(error: Error): Error {
  return error.name === 'HTTPParserError' ? new Error(error.message) : error;
}
