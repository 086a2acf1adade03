import type { Findings } from '../figures/findings.ts';
import type { Workbench } from '../workbench.ts';

export interface Profile {
  readonly name: string;
  readonly title: string;
  /** What is done, for readers of the page. */
  readonly method: string;
  measure(bench: Workbench): Promise<Findings>;
}
