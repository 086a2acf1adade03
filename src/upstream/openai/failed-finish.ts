/** Not every `finish_reason` is an end: these say that the provider gave up in the middle. */
export function isFailedFinish(reason: unknown): boolean {
  return reason === 'error' || reason === 'insufficient_system_resource' || reason === 'network_error';
}
