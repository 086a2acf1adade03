/** Whether new calls are wanted: told by whoever starts and ends the process, asked by the readiness page. */
export class Readiness {
  private current: 'starting' | 'ready' | 'draining' = 'starting';

  get state(): 'starting' | 'ready' | 'draining' {
    return this.current;
  }

  /** Once listening. Has no effect when draining has begun. */
  ready(): void {
    if (this.current === 'starting') this.current = 'ready';
  }

  /** Final. */
  drain(): void {
    this.current = 'draining';
  }
}
