/** Of the ids of calls that came without: no other choice of any reply has it. */
export function callSeed(requestId: string, choice: number): string {
  return `${requestId.replaceAll(/[^A-Za-z0-9]/g, '').slice(-32)}_${choice}`;
}
