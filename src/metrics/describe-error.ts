const STACK_LINES_MAX = 12;
const MESSAGE_LENGTH_MAX = 2000;

/** What of an error is logged: never what clients of HTTP hang on it (headers, bodies, settings). */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error).slice(0, MESSAGE_LENGTH_MAX) };
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    message: error.message.slice(0, MESSAGE_LENGTH_MAX),
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    stack: error.stack
      ?.split('\n')
      .slice(1, STACK_LINES_MAX + 1)
      .join('\n'),
    ...(error.cause instanceof Error ? { cause: `${error.cause.name}: ${error.cause.message.slice(0, MESSAGE_LENGTH_MAX)}` } : {}),
  };
}
