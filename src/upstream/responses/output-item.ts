/** An item of a response's `output` that is being written. What it returns are whole events. */
export interface OutputItem {
  /** The item as it stands, as JSON. */
  readonly json: string;
  /** Says all that is owed at an item's end; nothing when it has ended. */
  close(status: ItemEnd): string;
}

export type ItemEnd = 'completed' | 'incomplete';
