import { UpstreamFailure } from '../upstream-failure.js';
import { errorCode } from './error-code.js';
import { HttpFault } from './http-fault.js';

/** How far a reply had come when it broke. */
export type ReplyProgress = 'nothing' | 'head begun' | 'head told';

/** Names what broke an exchange. The message holds no address; the cause holds no byte of a reply. */
export function transportFailure(error: Error, progress: ReplyProgress, connectTimeoutMs: number): UpstreamFailure {
  if (error instanceof HttpFault) return new UpstreamFailure('invalid', error.message, { cause: error });
  const details = { cause: error };
  switch (progress) {
    case 'nothing':
      if (isOurs(error))
        return new UpstreamFailure('unreachable', 'The gateway could open no connection to the upstream.', { ...details, isOurs: true });
      if (isTimeOut(error))
        return new UpstreamFailure(
          'connect_timeout',
          `The upstream could not be reached within ${connectTimeoutMs / 1000} s (GATEWAY_CONNECT_TIMEOUT_SECONDS).`,
          details,
        );
      return new UpstreamFailure('unreachable', 'The upstream could not be reached.', details);
    case 'head begun':
      return new UpstreamFailure('invalid', 'The upstream broke off the head of its answer.', details);
    case 'head told':
      return isOfSystem(error)
        ? new UpstreamFailure('interrupted', 'The upstream broke off its answer.', details)
        : new UpstreamFailure('invalid', 'The upstream sent less, or other, than it had announced.', details);
  }
}

/** The system's word for an error; '' if it has none. */
/** This process, or its machine, has no more files or memory for sockets. With several addresses Node tells of each try. */
function isOurs(error: Error): boolean {
  return (
    OURS.has(errorCode(error)) ||
    (error instanceof AggregateError && error.errors.some((one: unknown) => one instanceof Error && OURS.has(errorCode(one))))
  );
}

const OURS = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/** With several addresses Node tells of each try; one that had no answer in time outweighs those that were refused. */
function isTimeOut(error: Error): boolean {
  if (errorCode(error) === 'ETIMEDOUT') return true;
  return error instanceof AggregateError && error.errors.some((one: unknown) => one instanceof Error && errorCode(one) === 'ETIMEDOUT');
}

/** The connection itself broke (a reset, a host gone), as against what was said over it. */
function isOfSystem(error: Error): boolean {
  return /^(E[A-Z]+|ERR_SSL_\w+)$/.test(errorCode(error));
}
