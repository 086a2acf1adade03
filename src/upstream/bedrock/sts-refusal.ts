/** What AWS' Security Token Service said no to, by its own code: the words beside it name accounts. */
export class StsRefusal extends Error {
  constructor(
    action: string,
    status: number,
    readonly code: string | undefined,
  ) {
    super([`${action} was refused: status ${status}`, code].filter((part) => part !== undefined).join(', '));
  }
}
