/** Waits; ends early, without an error, when the client leaves. */
export function pause(ms: number, onGone: (listener: (() => void) | undefined) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(over, ms);
    onGone(over);
    function over(): void {
      clearTimeout(timer);
      onGone(undefined);
      resolve();
    }
  });
}
