import { APIError } from 'openai';

/** The error that the OpenAI library raises for this call; anything else is a failed test. */
export async function apiErrorOf(call: Promise<unknown>): Promise<APIError> {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof APIError) return thrown;
  throw new Error(`no APIError: ${String(thrown)}`);
}
